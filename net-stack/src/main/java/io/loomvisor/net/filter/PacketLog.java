package io.loomvisor.net.filter;

import io.loomvisor.net.filter.action.Target;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.IpView;
import io.loomvisor.net.wire.Tcp;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lines about packets, in the form of Linux's LOG target. */
final class PacketLog {
  private static final Logger LOG = LoggerFactory.getLogger(PacketLog.class);

  private volatile Consumer<String> sink = LOG::info;

  void sink(Consumer<String> s) {
    sink = s;
  }

  void write(Subject s, Target.Log l) {
    sink.accept(line(s, l));
  }

  private static String line(Subject s, Target.Log l) {
    IpView v = s.view();
    byte[] a = s.array();
    StringBuilder b = new StringBuilder(160).append(l.prefix());
    b.append("IN=").append(s.in()).append(" OUT=").append(s.out());
    b.append(" SRC=").append(s.source()).append(" DST=").append(s.destination());
    b.append(" LEN=").append(s.length());
    int ttl = Bytes.u8(a, v.at() + (v.v6() ? 7 : 8));
    b.append(v.v6() ? " HOPLIMIT=" : " TTL=").append(ttl);
    b.append(" PROTO=").append(name(v));
    int t = v.transport();
    if (v.hasPorts()) {
      b.append(" SPT=").append(Bytes.u16(a, t)).append(" DPT=").append(Bytes.u16(a, t + 2));
    }
    if (v.protocol() == IpProtocol.TCP && v.has(Tcp.MIN_HEADER)) {
      b.append(" WINDOW=").append(Tcp.window(a, t));
      flags(b, Tcp.flags(a, t));
    } else if (v.isIcmp() && v.has(2)) {
      b.append(" TYPE=").append(Bytes.u8(a, t)).append(" CODE=").append(Bytes.u8(a, t + 1));
    }
    if (s.packet().mark != 0) {
      b.append(" MARK=0x").append(Integer.toHexString(s.packet().mark));
    }
    return b.toString();
  }

  private static String name(IpView v) {
    return switch (v.protocol()) {
      case IpProtocol.TCP -> "TCP";
      case IpProtocol.UDP -> "UDP";
      case IpProtocol.ICMP -> "ICMP";
      case IpProtocol.ICMPV6 -> "ICMPv6";
      default -> Integer.toString(v.protocol());
    };
  }

  private static void flags(StringBuilder b, int flags) {
    String[] names = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
    for (int i = names.length - 1; i >= 0; i--) {
      if ((flags >>> i & 1) != 0) {
        b.append(' ').append(names[i]);
      }
    }
  }
}
