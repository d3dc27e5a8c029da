package io.loomvisor.kernel.socket.inet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.udp.DatagramInfo;
import io.loomvisor.net.udp.UdpEndpoint;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.socket.ControlMessage;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketFilesystem;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** SOCK_DGRAM (udp(7)) on an endpoint of the net-stack. */
final class UdpSocket extends InetSocket {
  static final int IPPROTO_UDP = 17;
  private static final int MAX_DATAGRAM = 65_535;
  private static final int ESTABLISHED = 1;
  private static final int CLOSE = 7;

  private final UdpEndpoint endpoint;
  private final DatagramControl control;

  UdpSocket(
      SocketFilesystem inodes, InetNetwork network, boolean v6, Credentials owner, int flags) {
    super(inodes, network, v6, SocketAbi.SOCK_DGRAM, IPPROTO_UDP, owner, flags);
    this.endpoint = network.udp().open(v6);
    this.control = new DatagramControl(v6);
    endpoint.onReadiness(this::ready);
    network.opened(this);
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
      SocketAddress to = destination(raw);
      check(endpoint.connect(to.address(), to.port()));
    }
    return true;
  }

  /** IPv6 sockets take IPv4 addresses too, as IPv4-mapped ones (udpv6_sendmsg). */
  private SocketAddress destination(byte[] raw) {
    int family = InetAddresses.family(raw);
    if (v6() && family == SocketAbi.AF_INET) {
      SocketAddress a = InetAddresses.parse4(raw);
      return new SocketAddress(a.address().mapped(), a.port());
    }
    if (!v6() && family == SocketAbi.AF_UNSPEC && raw.length >= 16) {
      return InetAddresses.read4(raw);
    }
    return InetAddresses.parse(raw, v6());
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
    int segment = segmentIn(message.others());
    int length = (int) message.data().remaining();
    byte[] bytes = new byte[length];
    long n = length == 0 ? 0 : message.data().get(MemorySegment.ofArray(bytes), 0, length);
    if (n < length) {
      message.data().back(n);
      throw Errno.EFAULT.exception();
    }
    int sent =
        endpoint.send(
            to == null ? null : to.address(),
            to == null ? 0 : to.port(),
            MemorySegment.ofArray(bytes),
            0,
            length,
            message.has(MSG_MORE),
            segment);
    if (sent < 0) {
      message.data().back(length);
    }
    return check(sent);
  }

  /** What the last UDP_SEGMENT among control messages says; -1 if there is none (udp_cmsg_send). */
  private static int segmentIn(List<ControlMessage> controls) {
    int segment = -1;
    for (ControlMessage c : controls) {
      if (c.level() == IPPROTO_UDP) {
        if (c.type() != SocketOption.UDP_SEGMENT.number() || c.data().length != Short.BYTES) {
          throw Errno.EINVAL.exception();
        }
        segment = c.data()[0] & 0xff | (c.data()[1] & 0xff) << 8;
      }
    }
    return segment;
  }

  @Override
  public void receive(Reception reception) {
    if (reception.has(SocketAbi.MSG_ERRQUEUE)) {
      throw Errno.EAGAIN.exception();
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
    control.describe(info, reception.others());
    reception.message(n, info.length);
  }

  /** Shut for reading: who may wait gets an end, others EAGAIN (__skb_wait_for_more_packets). */
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

  @Override
  public void setOption(Caller caller, int level, int option, byte[] value) {
    if (!Memberships.set(endpoint, network().ip(), level, option, value)) {
      super.setOption(caller, level, option, value);
    }
  }
}
