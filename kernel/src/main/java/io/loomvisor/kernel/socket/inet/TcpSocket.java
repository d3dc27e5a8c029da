package io.loomvisor.kernel.socket.inet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.tcp.Accepted;
import io.loomvisor.net.tcp.State;
import io.loomvisor.net.tcp.TcpEndpoint;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.socket.SocketFilesystem;
import io.loomvisor.vfs.socket.SocketOptions;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** SOCK_STREAM (tcp(7)) on an endpoint of the net-stack. */
final class TcpSocket extends InetSocket {
  static final int IPPROTO_TCP = 6;
  private static final int TCP_INFO = 11;
  private static final int SO_MAX_PACING_RATE = 47;
  private static final int TCP_CONGESTION = 13;
  private static final int SIOCATMARK = 0x8905;
  private static final int SIOCOUTQNSD = 0x894B;
  private static final int SOMAXCONN = 4096;

  /** Moved at once between the application and the stack. */
  private static final int CHUNK = 64 << 10;

  private final SocketFilesystem inodes;
  private final TcpEndpoint endpoint;
  private final EarlyOpening opening;

  /** Where connect(2) goes; null if it has not been called. */
  private volatile SocketAddress destination;

  /** Whom accept(2) tells of. */
  private volatile SocketAddress acceptedFrom;

  private TcpSocket(
      SocketFilesystem inodes,
      InetNetwork network,
      TcpEndpoint endpoint,
      boolean v6,
      Credentials owner,
      int flags) {
    super(inodes, network, v6, SocketAbi.SOCK_STREAM, IPPROTO_TCP, owner, flags);
    this.inodes = inodes;
    this.endpoint = endpoint;
    opening = new EarlyOpening(endpoint, v6);
    endpoint.onReadiness(this::ready);
    network.opened(this);
  }

  static TcpSocket create(
      SocketFilesystem inodes, InetNetwork network, boolean v6, Credentials owner, int flags) {
    return new TcpSocket(inodes, network, network.tcp().open(v6), v6, owner, flags);
  }

  @Override
  protected void onRelease() {
    network().closed(this);
    endpoint.close();
  }

  @Override
  int endpointReadiness() {
    return endpoint.readiness();
  }

  @Override
  public int endpointOption(SocketOption option) {
    return endpoint.getOption(option);
  }

  @Override
  int setEndpointOption(SocketOption option, int value) {
    return endpoint.setOption(option, value);
  }

  @Override
  int bindEndpoint(SocketAddress address) {
    return endpoint.bind(address.address(), address.port());
  }

  @Override
  SocketAddress localAddress() {
    return endpoint.localAddress();
  }

  @Override
  SocketAddress peerAddress() {
    return endpoint.peerAddress();
  }

  @Override
  int stateNumber() {
    return endpoint.state().number();
  }

  @Override
  SocketRow row() {
    return SocketTable.row(endpoint, this);
  }

  TcpEndpoint endpoint() {
    return endpoint;
  }

  @Override
  int unread() {
    if (listening()) {
      throw Errno.EINVAL.exception();
    }
    return endpoint.available();
  }

  @Override
  int unsent() {
    if (listening()) {
      throw Errno.EINVAL.exception();
    }
    return endpoint.unacknowledged();
  }

  @Override
  public void listen(Caller caller, int backlog) {
    int limit = backlog < 0 || backlog > SOMAXCONN ? SOMAXCONN : backlog;
    check(endpoint.listen(limit));
  }

  @Override
  protected boolean listening() {
    return endpoint.state() == State.LISTEN;
  }

  @Override
  public SocketDescription accept() {
    Accepted a = endpoint.accept();
    check(a.error());
    TcpSocket s =
        new TcpSocket(inodes, network(), a.endpoint(), v6(), Credentials.of(uid(), gid()), 0);
    s.acceptedFrom = a.endpoint().peerAddress();
    return s;
  }

  private int uid() {
    return inode().uid();
  }

  private int gid() {
    return inode().gid();
  }

  @Override
  public byte[] acceptedFrom() {
    SocketAddress a = acceptedFrom;
    if (a == null) {
      throw Errno.ENOTCONN.exception();
    }
    return InetAddresses.toBytes(a, v6());
  }

  @Override
  public boolean connect(WalkContext context, byte[] raw) {
    SocketAddress to = InetAddresses.parse(raw, v6());
    int result = endpoint.connect(to.address(), to.port());
    if (result == -Errno.EINPROGRESS.number()) {
      destination = to;
      return false;
    }
    boolean underWay = result == -Errno.EALREADY.number() && destination != null;
    if (underWay && (statusFlags() & OpenFlags.O_NONBLOCK) == 0) {
      return false;
    }
    check(result);
    return true;
  }

  @Override
  public void finishConnect() {
    SocketAddress to = destination;
    int result = endpoint.connect(to.address(), to.port());
    if (result == -Errno.EALREADY.number()) {
      throw Errno.EAGAIN.exception();
    }
    // Another thread may have been told already.
    if (result != -Errno.EISCONN.number()) {
      check(result);
    }
  }

  @Override
  int shutEndpoint(boolean read, boolean write) {
    return endpoint.shutdown(read, write);
  }

  /** An end that the peer has sent shuts the way from it (tcp_fin). */
  @Override
  public int shutDown() {
    return super.shutDown() | (endpoint.state().peerClosed() ? 1 : 0);
  }

  @Override
  public String congestionControl() {
    return endpoint.congestionControl();
  }

  @Override
  protected Errno takeError() {
    int e = endpoint.takeError();
    return e == 0 ? null : Errno.of(e);
  }

  /** An address is ignored, as Linux does once it is connected; but for MSG_FASTOPEN. */
  @Override
  public long send(WalkContext context, Sending message) {
    IoSource data = message.data();
    long early = message.has(SocketAbi.MSG_FASTOPEN) ? opening.begin(message, statusFlags()) : 0;
    if (early > 0) {
      return early;
    }
    if (data.remaining() == 0) {
      return check(endpoint.write(new byte[0], 0, 0, false));
    }
    byte[] chunk = new byte[(int) Math.min(CHUNK, data.remaining())];
    MemorySegment segment = MemorySegment.ofArray(chunk);
    boolean urgent = message.has(SocketAbi.MSG_OOB);
    long total = 0;
    for (; ; ) {
      int n = (int) data.get(segment, 0, Math.min(chunk.length, data.remaining()));
      boolean last = data.remaining() == 0;
      int taken =
          urgent && last
              ? endpoint.writeUrgent(chunk, 0, n)
              : endpoint.write(chunk, 0, n, message.has(MSG_MORE) || !last);
      data.back(n - Math.max(taken, 0));
      if (taken < 0 && total > 0) {
        return total;
      }
      total += check(taken);
      if (taken < n || last) {
        return total;
      }
    }
  }

  @Override
  public void receive(Reception reception) {
    if (reception.has(SocketAbi.MSG_ERRQUEUE)) {
      QueuedError.receive(endpoint.receiveError(), v6(), reception);
      return;
    }
    boolean peek = reception.has(SocketAbi.MSG_PEEK);
    if (reception.has(SocketAbi.MSG_OOB)) {
      receiveUrgent(reception, peek);
      return;
    }
    IoTarget target = reception.target();
    if (reception.has(SocketAbi.MSG_TRUNC) && !peek) {
      int n = check(endpoint.discard((int) Math.min(target.remaining(), Integer.MAX_VALUE)));
      reception.add(n);
      reception.end();
      return;
    }
    byte[] chunk = new byte[(int) Math.min(CHUNK, target.remaining())];
    for (; ; ) {
      // Bytes taken out of the stack must find their place.
      int max = (int) target.prepare(Math.min(chunk.length, target.remaining()));
      int n = peek ? endpoint.peek(chunk, 0, max) : endpoint.read(chunk, 0, max);
      if (n < 0 && reception.copied() > 0) {
        return;
      }
      if (check(n) == 0) {
        reception.end();
        return;
      }
      reception.add(target.put(MemorySegment.ofArray(chunk), 0, n));
      if (peek) {
        reception.end();
      }
      if (n < chunk.length || target.remaining() == 0 || peek) {
        return;
      }
    }
  }

  @Override
  public void zeroCopySent(long bytes) {
    if (bytes > 0 && endpoint.getOption(SocketOption.SO_ZEROCOPY) == 1) {
      endpoint.zeroCopySent();
    }
  }

  private void receiveUrgent(Reception reception, boolean peek) {
    int value = check(endpoint.readUrgent(peek));
    if (reception.target().remaining() > 0) {
      byte[] one = {(byte) value};
      reception.add(reception.target().put(MemorySegment.ofArray(one), 0, 1));
    } else {
      reception.addFlags(SocketAbi.MSG_TRUNC);
    }
    reception.addFlags(SocketAbi.MSG_OOB);
    reception.end();
  }

  @Override
  public byte[] getOption(int level, int option) {
    if (level == IPPROTO_TCP && option == TCP_INFO) {
      return endpoint.info().toBytes();
    }
    if (level == IPPROTO_TCP && option == TCP_CONGESTION) {
      byte[] name = endpoint.congestionControl().getBytes(StandardCharsets.ISO_8859_1);
      return java.util.Arrays.copyOf(name, 16);
    }
    if (level == SocketAbi.SOL_SOCKET && option == SO_MAX_PACING_RATE) {
      // Cut to four bytes it is what Linux gives a caller with room for a word.
      return ByteBuffer.allocate(Long.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong(endpoint.maxPacingRate())
          .array();
    }
    return super.getOption(level, option);
  }

  @Override
  public void setOption(Caller caller, int level, int option, byte[] value) {
    if (level == IPPROTO_TCP && option == TCP_CONGESTION) {
      String name = new String(value, StandardCharsets.ISO_8859_1);
      int end = name.indexOf('\0');
      check(endpoint.congestionControl(end < 0 ? name : name.substring(0, end)));
      return;
    }
    if (level == SocketAbi.SOL_SOCKET && option == SO_MAX_PACING_RATE) {
      endpoint.maxPacingRate(pacingRate(value));
      return;
    }
    super.setOption(caller, level, option, value);
    if (level == SocketAbi.SOL_SOCKET && option == SocketAbi.SO_LINGER) {
      int seconds = options().linger();
      endpoint.linger(seconds >= 0, Math.max(seconds, 0));
    }
  }

  /** sk_setsockopt: an unsigned word, all ones for no limit, or a whole unsigned long. */
  private static long pacingRate(byte[] value) {
    int word = SocketOptions.numberIn(value);
    if (value.length < Long.BYTES) {
      return word == -1 ? -1 : Integer.toUnsignedLong(word);
    }
    long rate = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong();
    // Beyond what a long holds there is no link that would notice.
    return rate == -1 || rate >= 0 ? rate : Long.MAX_VALUE;
  }

  @Override
  public long ioctl(Caller caller, int request, long argument) {
    switch (request) {
      case SIOCATMARK -> putInt(caller, argument, endpoint.atMark() ? 1 : 0);
      case SIOCOUTQNSD -> putInt(caller, argument, endpoint.unsent());
      default -> {
        return super.ioctl(caller, request, argument);
      }
    }
    return 0;
  }
}
