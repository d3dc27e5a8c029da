package io.loomvisor.kernel.socket.inet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.net.raw.RawEndpoint;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.udp.DatagramInfo;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketFilesystem;
import io.loomvisor.vfs.socket.SocketOptions;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** SOCK_RAW (raw(7)), and SOCK_DGRAM with IPPROTO_ICMP or IPPROTO_ICMPV6 (icmp(7)). */
final class RawSocket extends InetSocket {
  static final int IPPROTO_ICMP = 1;
  static final int IPPROTO_ICMPV6 = 58;
  private static final int MAX_DATAGRAM = 65_535;
  private static final int ESTABLISHED = 1;
  private static final int CLOSE = 7;
  private static final int SOL_IP = 0;
  private static final int IP_HDRINCL = 3;
  private static final int SOL_RAW = 255;

  /** The same number for ICMP_FILTER at SOL_RAW and ICMPV6_FILTER at IPPROTO_ICMPV6. */
  private static final int FILTER = 1;

  private static final int FILTER4_SIZE = 4;
  private static final int FILTER6_SIZE = 32;

  private final RawEndpoint endpoint;
  private final DatagramControl control;
  private final boolean echo;

  private RawSocket(
      SocketFilesystem inodes,
      InetNetwork network,
      boolean v6,
      int type,
      int protocol,
      Credentials owner,
      int flags) {
    super(inodes, network, v6, type, protocol, owner, flags);
    echo = type == SocketAbi.SOCK_DGRAM;
    endpoint = echo ? network.raw().openEcho(v6) : network.raw().open(v6, protocol);
    control = new DatagramControl(v6);
    endpoint.onReadiness(this::ready);
  }

  static RawSocket raw(
      SocketFilesystem inodes,
      InetNetwork network,
      boolean v6,
      int protocol,
      Credentials owner,
      int flags) {
    return new RawSocket(inodes, network, v6, SocketAbi.SOCK_RAW, protocol, owner, flags);
  }

  static RawSocket echo(
      SocketFilesystem inodes, InetNetwork network, boolean v6, Credentials owner, int flags) {
    int protocol = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
    return new RawSocket(inodes, network, v6, SocketAbi.SOCK_DGRAM, protocol, owner, flags);
  }

  @Override
  protected void onRelease() {
    endpoint.close();
  }

  @Override
  int endpointReadiness() {
    return endpoint.readiness();
  }

  @Override
  int endpointOption(SocketOption option) {
    return endpoint.getOption(option);
  }

  @Override
  int setEndpointOption(SocketOption option, int value) {
    int result = endpoint.setOption(option, value);
    if (result == 0) {
      control.set(option, value != 0);
    }
    return result;
  }

  @Override
  int bindEndpoint(SocketAddress address) {
    return endpoint.bind(address.address(), address.port());
  }

  /** Not ports but identifiers, or nothing. */
  @Override
  boolean hasPrivilegedPorts() {
    return false;
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
    return peerAddress() != null ? ESTABLISHED : CLOSE;
  }

  @Override
  int unread() {
    return endpoint.available();
  }

  /** What is sent leaves at once. */
  @Override
  int unsent() {
    return 0;
  }

  @Override
  protected boolean listening() {
    return false;
  }

  @Override
  public boolean connect(WalkContext context, byte[] raw) {
    if (InetAddresses.family(raw) == SocketAbi.AF_UNSPEC) {
      check(endpoint.disconnect());
    } else {
      SocketAddress to = InetAddresses.parse(raw, v6());
      check(endpoint.connect(to.address(), to.port()));
    }
    return true;
  }

  @Override
  public long send(WalkContext context, Sending message) {
    if (message.has(SocketAbi.MSG_OOB)) {
      throw Errno.EOPNOTSUPP.exception();
    }
    if (message.data().remaining() > MAX_DATAGRAM) {
      throw Errno.EMSGSIZE.exception();
    }
    SocketAddress to = message.address() == null ? null : destination(message.address());
    int length = (int) message.data().remaining();
    byte[] bytes = new byte[length];
    long n = length == 0 ? 0 : message.data().get(MemorySegment.ofArray(bytes), 0, length);
    if (n < length) {
      message.data().back(n);
      throw Errno.EFAULT.exception();
    }
    int sent = endpoint.send(to == null ? null : to.address(), bytes, 0, length);
    if (sent < 0) {
      message.data().back(length);
    }
    return check(sent);
  }

  /** raw_sendmsg still takes AF_UNSPEC for AF_INET; ping_v4_sendmsg does not. */
  private SocketAddress destination(byte[] raw) {
    boolean unspecified = InetAddresses.family(raw) == SocketAbi.AF_UNSPEC;
    if (!v6() && !echo && unspecified && raw.length >= 16) {
      return InetAddresses.read4(raw);
    }
    return InetAddresses.parse(raw, v6());
  }

  @Override
  public void receive(Reception reception) {
    if (reception.has(SocketAbi.MSG_ERRQUEUE)) {
      throw Errno.EAGAIN.exception();
    }
    byte[] bytes = new byte[(int) Math.min(MAX_DATAGRAM, reception.target().remaining())];
    DatagramInfo info = new DatagramInfo();
    boolean peek = reception.has(SocketAbi.MSG_PEEK);
    int n = check(endpoint.receive(bytes, 0, bytes.length, peek, info));
    if (n > 0 && reception.target().put(MemorySegment.ofArray(bytes), 0, n) < n) {
      throw Errno.EFAULT.exception();
    }
    reception.setAddress(InetAddresses.toBytes(new SocketAddress(info.source, 0), v6()));
    control.describe(info, reception.others());
    reception.message(n, info.length);
  }

  @Override
  public boolean readsEnd() {
    return (endpoint.readiness() & Readiness.RDHUP) != 0 && endpoint.available() == 0;
  }

  @Override
  public void shutdown(int how) {
    if (how < SocketAbi.SHUT_RD || how > SocketAbi.SHUT_RDWR) {
      throw Errno.EINVAL.exception();
    }
    check(endpoint.shutdown(how != SocketAbi.SHUT_WR, how != SocketAbi.SHUT_RD));
  }

  @Override
  protected Errno takeError() {
    int e = endpoint.takeError();
    return e == 0 ? null : Errno.of(e);
  }

  // Options

  /** ICMP_FILTER: a word of which each bit blocks a type; of another protocol EOPNOTSUPP. */
  private boolean isFilter(int level, int option) {
    if (echo || option != FILTER || level != (v6() ? IPPROTO_ICMPV6 : SOL_RAW)) {
      return false;
    }
    if (!v6() && protocol() != IPPROTO_ICMP) {
      throw Errno.EOPNOTSUPP.exception();
    }
    return !v6() || protocol() == IPPROTO_ICMPV6;
  }

  private boolean isHeaderIncluded(int level, int option) {
    return !v6() && !echo && level == SOL_IP && option == IP_HDRINCL;
  }

  @Override
  public void setOption(Caller caller, int level, int option, byte[] value) {
    if (isFilter(level, option)) {
      int size = v6() ? FILTER6_SIZE : FILTER4_SIZE;
      byte[] filter = endpoint.filter();
      byte[] whole = Arrays.copyOf(filter, size);
      System.arraycopy(value, 0, whole, 0, Math.min(value.length, size));
      endpoint.filter(whole);
    } else if (isHeaderIncluded(level, option)) {
      endpoint.headerIncluded(number(level, value) != 0);
    } else {
      super.setOption(caller, level, option, value);
    }
  }

  @Override
  public byte[] getOption(int level, int option) {
    if (isFilter(level, option)) {
      return Arrays.copyOf(endpoint.filter(), v6() ? FILTER6_SIZE : FILTER4_SIZE);
    }
    if (isHeaderIncluded(level, option)) {
      return SocketOptions.word(endpoint.headerIncluded() ? 1 : 0);
    }
    return super.getOption(level, option);
  }
}
