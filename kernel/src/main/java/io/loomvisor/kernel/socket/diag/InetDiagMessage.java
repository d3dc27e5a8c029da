package io.loomvisor.kernel.socket.diag;

import io.loomvisor.kernel.socket.inet.InetSocket;
import io.loomvisor.kernel.socket.inet.SocketRow;
import io.loomvisor.kernel.socket.netlink.MessageWriter;
import io.loomvisor.kernel.socket.netlink.NetlinkRequest;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.vfs.socket.SocketAbi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * struct inet_diag_msg, and the attributes behind it (net/ipv4/inet_diag.c, inet_sk_diag_fill):
 *
 * <pre>
 *   0        1       2       3         4    52        56       60       64    68      72
 *   | family | state | timer | retrans | id | expires | rqueue | wqueue | uid | inode |
 * </pre>
 */
final class InetDiagMessage {
  /** idiag_timer of a connection in TIME-WAIT. */
  private static final int TIMER_TIME_WAIT = 3;

  private InetDiagMessage() {}

  static byte[] of(NetlinkRequest r, SocketRow x, int extensions) {
    boolean waits = x.state() == DiagAbi.TCP_TIME_WAIT;
    MessageWriter m =
        r.reply(DiagAbi.SOCK_DIAG_BY_FAMILY)
            .u8(x.v6() ? SocketAbi.AF_INET6 : SocketAbi.AF_INET)
            .u8(x.state())
            .u8(waits ? TIMER_TIME_WAIT : 0)
            .u8(x.tcp() == null || waits ? 0 : x.tcp().retransmits());
    id(m, x);
    m.u32(0).u32(x.receiveQueue()).u32(x.sendQueue()).u32(x.uid()).u32((int) x.ino());
    if (!waits) {
      attributes(m, x, extensions);
    }
    return m.finish();
  }

  private static void id(MessageWriter m, SocketRow x) {
    port(m, x.local());
    port(m, x.remote());
    m.bytes(Arrays.copyOf(SocketRow.bytes(x.local(), x.v6()), 16));
    m.bytes(Arrays.copyOf(SocketRow.bytes(x.remote(), x.v6()), 16));
    m.u32(x.nicId()).u32((int) x.ino()).u32((int) (x.ino() >>> 32));
  }

  private static void port(MessageWriter m, SocketAddress a) {
    m.u8(a.port() >>> 8).u8(a.port());
  }

  private static boolean wants(int extensions, int attribute) {
    return (extensions >>> attribute - 1 & 1) != 0;
  }

  private static void attributes(MessageWriter m, SocketRow x, int extensions) {
    InetSocket s = x.socket();
    m.attribute(DiagAbi.INET_DIAG_SHUTDOWN, new byte[] {(byte) (s == null ? 0 : s.shutDown())});
    if (s != null && wants(extensions, DiagAbi.INET_DIAG_TOS)) {
      m.attribute(DiagAbi.INET_DIAG_TOS, option(s, SocketOption.IP_TOS));
    }
    if (s != null && x.v6() && wants(extensions, DiagAbi.INET_DIAG_TCLASS)) {
      m.attribute(DiagAbi.INET_DIAG_TCLASS, option(s, SocketOption.IPV6_TCLASS));
    }
    boolean idle = x.state() == DiagAbi.TCP_LISTEN || x.state() == DiagAbi.TCP_CLOSE;
    if (s != null && x.v6() && idle) {
      m.attribute(DiagAbi.INET_DIAG_SKV6ONLY, new byte[] {(byte) (s.v6Only() ? 1 : 0)});
    }
    if (s != null && s.type() == SocketAbi.SOCK_RAW) {
      m.attribute(DiagAbi.INET_DIAG_PROTOCOL, new byte[] {(byte) s.protocol()});
    }
    byte[] memory = x.memoryBytes();
    if (wants(extensions, DiagAbi.INET_DIAG_MEMINFO)) {
      m.attribute(DiagAbi.INET_DIAG_MEMINFO, memoryInfo(memory));
    }
    if (wants(extensions, DiagAbi.INET_DIAG_SKMEMINFO)) {
      m.attribute(DiagAbi.INET_DIAG_SKMEMINFO, memory);
    }
    if (x.tcp() != null && wants(extensions, DiagAbi.INET_DIAG_INFO)) {
      m.attribute(DiagAbi.INET_DIAG_INFO, x.tcp().toBytes());
    }
    if (s != null && x.tcp() != null && wants(extensions, DiagAbi.INET_DIAG_CONG)) {
      m.attribute(DiagAbi.INET_DIAG_CONG, s.congestionControl());
    }
  }

  private static byte[] option(InetSocket s, SocketOption o) {
    return new byte[] {(byte) Math.max(0, s.endpointOption(o))};
  }

  /** struct inet_diag_meminfo: received, queued for sending, in advance, in transmission. */
  private static byte[] memoryInfo(byte[] memory) {
    ByteBuffer b = ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN);
    return ByteBuffer.allocate(16)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(b.getInt(0))
        .putInt(b.getInt(20))
        .putInt(b.getInt(16))
        .putInt(b.getInt(8))
        .array();
  }
}
