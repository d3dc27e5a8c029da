package io.loomvisor.kernel.socket.inet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.udp.UdpEndpoint;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.socket.ControlMessage;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketFilesystem;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** SOCK_DGRAM (udp(7)) on an endpoint of the net-stack. */
final class UdpSocket extends DatagramSocket {
  static final int IPPROTO_UDP = 17;

  private final UdpEndpoint endpoint;

  UdpSocket(
      SocketFilesystem inodes, InetNetwork network, boolean v6, Credentials owner, int flags) {
    this(inodes, network, network.udp().open(v6), v6, owner, flags);
  }

  private UdpSocket(
      SocketFilesystem inodes,
      InetNetwork network,
      UdpEndpoint endpoint,
      boolean v6,
      Credentials owner,
      int flags) {
    super(inodes, network, endpoint, v6, SocketAbi.SOCK_DGRAM, IPPROTO_UDP, owner, flags);
    this.endpoint = endpoint;
    network.opened(this);
  }

  @Override
  protected void onRelease() {
    network().closed(this);
    super.onRelease();
  }

  @Override
  SocketAddress connectTo(byte[] raw) {
    return destination(raw);
  }

  /** IPv6 sockets take IPv4 addresses too, as IPv4-mapped ones (udpv6_sendmsg). */
  @Override
  SocketAddress destination(byte[] raw) {
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
  int transmit(SocketAddress to, Sending message) {
    int segment = segmentIn(message.others());
    byte[] bytes = message.read((int) message.data().remaining());
    return endpoint.send(
        to == null ? null : to.address(),
        to == null ? 0 : to.port(),
        MemorySegment.ofArray(bytes),
        0,
        bytes.length,
        message.has(MSG_MORE),
        segment);
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

  /** Also of empty ones: it is the datagram that is counted. */
  @Override
  public void zeroCopySent(long bytes) {
    if (endpoint.getOption(SocketOption.SO_ZEROCOPY) == 1) {
      endpoint.zeroCopySent();
    }
  }

  @Override
  public void setOption(Caller caller, int level, int option, byte[] value) {
    if (!Memberships.set(endpoint, network().ip(), level, option, value)) {
      super.setOption(caller, level, option, value);
    }
  }
}
