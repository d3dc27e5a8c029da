package io.loomvisor.net.filter.text;

import io.loomvisor.net.wire.IpProtocol;
import java.util.Map;

/** Names that stand for numbers in rules. */
final class Names {
  private Names() {}

  private static final Map<String, Integer> PROTOCOLS =
      Map.of(
          "icmp",
          IpProtocol.ICMP,
          "igmp",
          IpProtocol.IGMP,
          "tcp",
          IpProtocol.TCP,
          "udp",
          IpProtocol.UDP,
          "gre",
          47,
          "esp",
          50,
          "ah",
          51,
          "ipv6-icmp",
          IpProtocol.ICMPV6,
          "sctp",
          132,
          "udplite",
          136);

  /** Type times 256 plus code; -1 as the code: any. */
  private static final Map<String, Integer> ICMP4 =
      Map.ofEntries(
          Map.entry("echo-reply", icmp(0, -1)),
          Map.entry("pong", icmp(0, -1)),
          Map.entry("destination-unreachable", icmp(3, -1)),
          Map.entry("network-unreachable", icmp(3, 0)),
          Map.entry("host-unreachable", icmp(3, 1)),
          Map.entry("protocol-unreachable", icmp(3, 2)),
          Map.entry("port-unreachable", icmp(3, 3)),
          Map.entry("fragmentation-needed", icmp(3, 4)),
          Map.entry("source-quench", icmp(4, -1)),
          Map.entry("redirect", icmp(5, -1)),
          Map.entry("echo-request", icmp(8, -1)),
          Map.entry("ping", icmp(8, -1)),
          Map.entry("time-exceeded", icmp(11, -1)),
          Map.entry("parameter-problem", icmp(12, -1)),
          Map.entry("timestamp-request", icmp(13, -1)),
          Map.entry("timestamp-reply", icmp(14, -1)));

  private static final Map<String, Integer> ICMP6 =
      Map.ofEntries(
          Map.entry("destination-unreachable", icmp(1, -1)),
          Map.entry("no-route", icmp(1, 0)),
          Map.entry("communication-prohibited", icmp(1, 1)),
          Map.entry("address-unreachable", icmp(1, 3)),
          Map.entry("port-unreachable", icmp(1, 4)),
          Map.entry("packet-too-big", icmp(2, -1)),
          Map.entry("time-exceeded", icmp(3, -1)),
          Map.entry("parameter-problem", icmp(4, -1)),
          Map.entry("echo-request", icmp(128, -1)),
          Map.entry("echo-reply", icmp(129, -1)),
          Map.entry("router-solicitation", icmp(133, -1)),
          Map.entry("router-advertisement", icmp(134, -1)),
          Map.entry("neighbour-solicitation", icmp(135, -1)),
          Map.entry("neighbor-solicitation", icmp(135, -1)),
          Map.entry("neighbour-advertisement", icmp(136, -1)),
          Map.entry("neighbor-advertisement", icmp(136, -1)),
          Map.entry("redirect", icmp(137, -1)));

  private static int icmp(int type, int code) {
    return type << 8 | (code < 0 ? 255 : code);
  }

  /** -1: no such name. */
  static int protocol(String name) {
    String n = name.equals("icmpv6") ? "ipv6-icmp" : name;
    return PROTOCOLS.getOrDefault(n, -1);
  }

  static String protocol(int number) {
    for (Map.Entry<String, Integer> e : PROTOCOLS.entrySet()) {
      if (e.getValue() == number) {
        return e.getKey();
      }
    }
    return Integer.toString(number);
  }

  /** Type times 256 plus code, 255 for any; -1: no such name. */
  static int icmp(String name, boolean v6) {
    return (v6 ? ICMP6 : ICMP4).getOrDefault(name, -1);
  }

  private static final String[] FLAGS = {"FIN", "SYN", "RST", "PSH", "ACK", "URG"};

  /** All six of TCP's that have names here. */
  static final int ALL_FLAGS = 0x3f;

  /** -1: not a list of flags. */
  static int flags(String list) {
    int bits = 0;
    for (String name : list.split(",", -1)) {
      switch (name) {
        case "ALL" -> bits |= ALL_FLAGS;
        case "NONE" -> {}
        default -> {
          int i = java.util.Arrays.asList(FLAGS).indexOf(name);
          if (i < 0) {
            return -1;
          }
          bits |= 1 << i;
        }
      }
    }
    return bits;
  }

  static String flags(int bits) {
    if (bits == 0) {
      return "NONE";
    }
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < FLAGS.length; i++) {
      if ((bits >>> i & 1) != 0) {
        s.append(s.isEmpty() ? "" : ",").append(FLAGS[i]);
      }
    }
    return s.toString();
  }

  private static final String[] LEVELS = {
    "emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"
  };

  /** -1: no such name. */
  static int level(String name) {
    return java.util.Arrays.asList(LEVELS).indexOf(name);
  }
}
