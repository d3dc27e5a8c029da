package io.loomvisor.kernel.socket.inet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.net.error.ErrorReport;
import io.loomvisor.net.ip.IcmpError;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.vfs.socket.ControlMessage;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.SocketAbi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An error, or the completion of a send, as recvmsg(2) with MSG_ERRQUEUE tells of it (ip(7),
 * IP_RECVERR): struct sock_extended_err, and the address of who has found it:
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
  private static final int SO_EE_ORIGIN_LOCAL = 1;
  private static final int SO_EE_ORIGIN_ICMP = 2;
  private static final int SO_EE_ORIGIN_ICMP6 = 3;
  private static final int SO_EE_ORIGIN_ZEROCOPY = 5;
  private static final int SO_EE_CODE_ZEROCOPY_COPIED = 1;
  private static final int SIZE = 16;
  private static final int SOCKADDR4 = 16;
  private static final int SOCKADDR6 = 28;
  private static final byte[] NOTHING = {};

  private QueuedError() {}

  /** Hands out the oldest of a socket's reports; EAGAIN if there is none. */
  static void receive(ErrorReport report, boolean v6, Reception reception) {
    byte[] packet =
        switch (report) {
          case null -> throw Errno.EAGAIN.exception();
          case ErrorReport.FromNetwork e -> {
            reception.setAddress(InetAddresses.toBytes(e.destination(), v6));
            yield e.packet();
          }
          case ErrorReport.Local e -> {
            reception.setAddress(InetAddresses.toBytes(e.destination(), v6));
            yield NOTHING;
          }
          case ErrorReport.ZeroCopy z -> NOTHING;
        };
    reception.others().add(control(report, v6));
    reception.addFlags(SocketAbi.MSG_ERRQUEUE);
    reception.message(packet);
  }

  private static ControlMessage control(ErrorReport report, boolean v6) {
    byte[] nobody = new byte[v6 ? SOCKADDR6 : SOCKADDR4];
    byte[] data =
        switch (report) {
          case ErrorReport.FromNetwork(SocketAddress to, IcmpError e, byte[] packet) -> {
            IpAddress who = e.offender() == null ? IpAddress.any(v6) : e.offender();
            boolean six = who.v6() && !who.isMapped();
            int origin = six ? SO_EE_ORIGIN_ICMP6 : SO_EE_ORIGIN_ICMP;
            byte[] from = InetAddresses.toBytes(new SocketAddress(who, 0), v6);
            yield bytes(e.kind().errno(), origin, e.type(), e.code(), e.mtu(), 0, from);
          }
          case ErrorReport.Local(SocketAddress to, int errno, int mtu) ->
              bytes(errno, SO_EE_ORIGIN_LOCAL, 0, 0, mtu, 0, nobody);
          case ErrorReport.ZeroCopy(int first, int last) ->
              bytes(0, SO_EE_ORIGIN_ZEROCOPY, 0, SO_EE_CODE_ZEROCOPY_COPIED, first, last, nobody);
        };
    return v6
        ? new ControlMessage(SOL_IPV6, IPV6_RECVERR, data)
        : new ControlMessage(SOL_IP, IP_RECVERR, data);
  }

  private static byte[] bytes(
      int errno, int origin, int type, int code, int info, int data, byte[] offender) {
    return ByteBuffer.allocate(SIZE + offender.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(errno)
        .put((byte) origin)
        .put((byte) type)
        .put((byte) code)
        .put((byte) 0)
        .putInt(info)
        .putInt(data)
        .put(offender)
        .array();
  }
}
