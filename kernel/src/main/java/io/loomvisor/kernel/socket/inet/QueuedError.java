package io.loomvisor.kernel.socket.inet;

import io.loomvisor.net.ip.IcmpError;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.vfs.socket.ControlMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An error as recvmsg(2) with MSG_ERRQUEUE tells of it (ip(7), IP_RECVERR): struct
 * sock_extended_err, and the address of who has found it:
 *
 * <pre>
 *   0       4        5      6      7     8      12     16
 *   | errno | origin | type | code | pad | info | data | sockaddr
 * </pre>
 */
final class QueuedError {
  private static final int SOL_IP = 0;
  private static final int IP_RECVERR = 11;
  private static final int SOL_IPV6 = 41;
  private static final int IPV6_RECVERR = 25;
  private static final int SO_EE_ORIGIN_ICMP = 2;
  private static final int SO_EE_ORIGIN_ICMP6 = 3;
  private static final int SIZE = 16;

  private QueuedError() {}

  static ControlMessage message(IcmpError e, boolean v6) {
    IpAddress who = e.offender() == null ? IpAddress.any(v6) : e.offender();
    boolean six = who.v6() && !who.isMapped();
    byte[] from = InetAddresses.toBytes(new SocketAddress(who, 0), v6);
    byte[] data =
        ByteBuffer.allocate(SIZE + from.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(e.kind().errno())
            .put((byte) (six ? SO_EE_ORIGIN_ICMP6 : SO_EE_ORIGIN_ICMP))
            .put((byte) e.type())
            .put((byte) e.code())
            .put((byte) 0)
            .putInt(e.mtu())
            .putInt(0)
            .put(from)
            .array();
    return v6
        ? new ControlMessage(SOL_IPV6, IPV6_RECVERR, data)
        : new ControlMessage(SOL_IP, IP_RECVERR, data);
  }
}
