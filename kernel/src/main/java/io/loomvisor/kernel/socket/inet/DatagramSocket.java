package io.loomvisor.kernel.socket.inet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.filter.SocketFilter;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.time.WallClock;
import io.loomvisor.net.udp.DatagramInfo;
import io.loomvisor.net.udp.MessageEndpoint;
import io.loomvisor.net.udp.MessageFilter;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.task.bpf.BpfProgram;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.socket.ArrivalTime;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketFilesystem;
import java.lang.foreign.MemorySegment;

/** Sockets that send and receive whole messages, on an endpoint of the net-stack. */
abstract class DatagramSocket extends InetSocket {
  private static final int MAX_DATAGRAM = 65_535;
  private static final int ESTABLISHED = 1;
  private static final int CLOSE = 7;

  private final MessageEndpoint endpoint;
  private final DatagramControl control;
  private final SocketFilter filter = new SocketFilter();

  DatagramSocket(
      SocketFilesystem inodes,
      InetNetwork network,
      MessageEndpoint endpoint,
      boolean v6,
      int type,
      int protocol,
      Credentials owner,
      int flags) {
    super(inodes, network, v6, type, protocol, owner, flags);
    this.endpoint = endpoint;
    control = new DatagramControl(v6);
    endpoint.onReadiness(this::ready);
  }

  /** Where connect(2) leads. */
  abstract SocketAddress connectTo(byte[] raw);

  /** Where a message with this address goes. */
  abstract SocketAddress destination(byte[] raw);

  /**
   * Takes the message's data with {@link #take} and sends it.
   *
   * @param to null: to whom the socket is connected
   * @return bytes sent or a negative errno
   */
  abstract int transmit(SocketAddress to, Sending message);

  @Override
  protected void onRelease() {
    endpoint.close();
  }

  @Override
  final int endpointReadiness() {
    return endpoint.readiness();
  }

  @Override
  public final int endpointOption(SocketOption option) {
    return endpoint.getOption(option);
  }

  @Override
  final int setEndpointOption(SocketOption option, int value) {
    int result = endpoint.setOption(option, value);
    if (result == 0) {
      control.set(option, value != 0);
    }
    return result;
  }

  @Override
  final int bindEndpoint(SocketAddress address) {
    return endpoint.bind(address.address(), address.port());
  }

  @Override
  final SocketAddress localAddress() {
    return endpoint.localAddress();
  }

  @Override
  final SocketAddress peerAddress() {
    return endpoint.peerAddress();
  }

  @Override
  final int stateNumber() {
    return peerAddress() != null ? ESTABLISHED : CLOSE;
  }

  @Override
  final int unread() {
    return endpoint.available();
  }

  @Override
  final SocketRow row() {
    SocketAddress peer = peerAddress();
    SocketAddress none = new SocketAddress(IpAddress.any(v6()), 0);
    return new SocketRow(
        v6(),
        stateNumber(),
        localAddress(),
        peer == null ? none : peer,
        endpoint.getOption(SocketOption.SO_BINDTOIFINDEX),
        endpoint.queuedBytes(),
        0,
        inode().uid(),
        inode().stat().ino(),
        endpoint.drops(),
        this,
        null);
  }

  /** What is sent leaves at once. */
  @Override
  final int unsent() {
    return 0;
  }

  @Override
  protected final boolean listening() {
    return false;
  }

  @Override
  public final boolean connect(WalkContext context, byte[] raw) {
    if (InetAddresses.family(raw) == SocketAbi.AF_UNSPEC) {
      check(endpoint.disconnect());
    } else {
      SocketAddress to = connectTo(raw);
      check(endpoint.connect(to.address(), to.port()));
    }
    return true;
  }

  @Override
  public final long send(WalkContext context, Sending message) {
    if (message.has(SocketAbi.MSG_OOB)) {
      throw Errno.EOPNOTSUPP.exception();
    }
    if (message.data().remaining() > MAX_DATAGRAM) {
      throw Errno.EMSGSIZE.exception();
    }
    SocketAddress to = message.address() == null ? null : destination(message.address());
    long length = message.data().remaining();
    int sent = transmit(to, message);
    if (sent < 0) {
      message.data().back(length);
    }
    return check(sent);
  }

  @Override
  public final void receive(Reception reception) {
    if (reception.has(SocketAbi.MSG_ERRQUEUE)) {
      QueuedError.receive(endpoint.receiveError(), v6(), reception);
      return;
    }
    byte[] bytes = new byte[(int) Math.min(MAX_DATAGRAM, reception.target().remaining())];
    DatagramInfo info = new DatagramInfo();
    int n =
        check(endpoint.receive(bytes, 0, bytes.length, reception.has(SocketAbi.MSG_PEEK), info));
    if (info.source == null) {
      // Shut for reading.
      reception.end();
      return;
    }
    if (n > 0 && reception.target().put(MemorySegment.ofArray(bytes), 0, n) < n) {
      throw Errno.EFAULT.exception();
    }
    reception.setAddress(
        InetAddresses.toBytes(new SocketAddress(info.source, info.sourcePort), v6()));
    if (ArrivalTime.isWanted(options())) {
      long time = info.time == 0 ? WallClock.nanos() : info.time;
      ArrivalTime.describe(options(), time, reception.others());
    }
    control.describe(info, reception.others());
    reception.message(n, info.length);
  }

  @Override
  public void setOption(Caller caller, int level, int option, byte[] value) {
    if (level == SocketAbi.SOL_SOCKET && SocketFilter.isOption(option)) {
      filter.set(caller, option, value);
      BpfProgram p = filter.program();
      IpLayer ip = network().ip();
      endpoint.filter(
          p == null
              ? MessageFilter.ALL
              : packet -> p.run(new DatagramData(packet, ip.nic(packet.nicId))));
      return;
    }
    super.setOption(caller, level, option, value);
    if (level == SocketAbi.SOL_SOCKET) {
      endpoint.stampArrivals(ArrivalTime.isWanted(options()));
    }
  }

  @Override
  public byte[] getOption(int level, int option) {
    return level == SocketAbi.SOL_SOCKET && option == SocketAbi.SO_LOCK_FILTER
        ? filter.locked()
        : super.getOption(level, option);
  }

  @Override
  public int getOption(Caller caller, int level, int option, long address, int room) {
    return level == SocketAbi.SOL_SOCKET && option == SocketAbi.SO_GET_FILTER
        ? filter.get(caller, address, room)
        : super.getOption(caller, level, option, address, room);
  }

  /** Shut for reading: who may wait gets an end, others EAGAIN (__skb_wait_for_more_packets). */
  @Override
  public final boolean readsEnd() {
    return (endpoint.readiness() & Readiness.RDHUP) != 0 && endpoint.available() == 0;
  }

  @Override
  final int shutEndpoint(boolean read, boolean write) {
    return endpoint.shutdown(read, write);
  }

  @Override
  protected final Errno takeError() {
    int e = endpoint.takeError();
    return e == 0 ? null : Errno.of(e);
  }
}
