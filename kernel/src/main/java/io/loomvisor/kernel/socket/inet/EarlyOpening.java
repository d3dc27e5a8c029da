package io.loomvisor.kernel.socket.inet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.tcp.TcpEndpoint;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import java.util.concurrent.atomic.AtomicReference;

/** sendto(2) with MSG_FASTOPEN: connects and sends in one (tcp_sendmsg_fastopen). Any thread. */
final class EarlyOpening {
  /** With the SYN goes what fits into one segment. */
  private static final int MOST = 1460;

  private final TcpEndpoint endpoint;
  private final boolean v6;

  /** Where a call that waits has begun to connect; null: none. */
  private final AtomicReference<SocketAddress> underWay = new AtomicReference<>();

  EarlyOpening(TcpEndpoint endpoint, boolean v6) {
    this.endpoint = endpoint;
    this.v6 = v6;
  }

  /**
   * @return bytes that have gone with the SYN; 0: the connection is there now, and nothing was sent
   */
  long begin(Sending message, int statusFlags) {
    SocketAddress before = underWay.get();
    if (before != null) {
      finish(before);
      return 0;
    }
    byte[] raw = message.address();
    if (raw == null) {
      throw Errno.EINVAL.exception();
    }
    if (InetAddresses.family(raw) == SocketAbi.AF_UNSPEC) {
      throw Errno.EOPNOTSUPP.exception();
    }
    SocketAddress to = InetAddresses.parse(raw, v6);
    byte[] data = message.read((int) Math.min(MOST, message.data().remaining()));
    int n = endpoint.connectAndWrite(to.address(), to.port(), data, 0, data.length);
    message.data().back(data.length - Math.max(n, 0));
    boolean waits =
        !message.has(SocketAbi.MSG_DONTWAIT) && (statusFlags & OpenFlags.O_NONBLOCK) == 0;
    if (n == -Errno.EINPROGRESS.number() && waits) {
      underWay.set(to);
      throw Errno.EAGAIN.exception();
    }
    return InetSocket.check(n);
  }

  /** EAGAIN while it is still being opened. */
  private void finish(SocketAddress to) {
    int r = endpoint.connect(to.address(), to.port());
    if (r == -Errno.EALREADY.number()) {
      throw Errno.EAGAIN.exception();
    }
    underWay.set(null);
    if (r != -Errno.EISCONN.number()) {
      InetSocket.check(r);
    }
  }
}
