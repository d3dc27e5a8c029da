package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.synthetic.TextBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * /proc/net/snmp, snmp6 and netstat (RFC 1213, RFC 2011 and Linux's own counters). Lines have the
 * names of Linux in its order; what is not counted is 0.
 */
final class SnmpText {
  private static final String IP =
      "InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers"
          + " OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails"
          + " FragOKs FragFails FragCreates OutTransmits";
  private static final String ICMP =
      "InMsgs InErrors InCsumErrors InDestUnreachs InTimeExcds InParmProbs InSrcQuenchs InRedirects"
          + " InEchos InEchoReps InTimestamps InTimestampReps InAddrMasks InAddrMaskReps OutMsgs"
          + " OutErrors OutRateLimitGlobal OutRateLimitHost OutDestUnreachs OutTimeExcds"
          + " OutParmProbs OutSrcQuenchs OutRedirects OutEchos OutEchoReps OutTimestamps"
          + " OutTimestampReps OutAddrMasks OutAddrMaskReps";
  private static final String TCP =
      "ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs"
          + " OutRsts InCsumErrors";
  private static final String UDP =
      "InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti"
          + " MemErrors";
  private static final String IP6 =
      "InReceives InHdrErrors InTooBigErrors InNoRoutes InAddrErrors InUnknownProtos InTruncatedPkts"
          + " InDiscards InDelivers OutForwDatagrams OutRequests OutDiscards OutNoRoutes"
          + " ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates";
  private static final int ESTABLISHED = 1;
  private static final int CLOSE_WAIT = 8;

  private SnmpText() {}

  private static void pair(TextBuffer out, String group, Map<String, String> values) {
    out.add(group).add(": ").add(String.join(" ", values.keySet())).newline();
    out.add(group).add(": ").add(String.join(" ", values.values())).newline();
  }

  private static Map<String, String> values(String names, Map<String, Long> counted) {
    Map<String, String> all = new LinkedHashMap<>();
    for (String n : names.split(" ")) {
      all.put(n, Long.toString(counted.getOrDefault(n, 0L)));
    }
    return all;
  }

  private static Map<String, String> after(Map<String, String> first, Map<String, String> rest) {
    Map<String, String> all = new LinkedHashMap<>(first);
    all.putAll(rest);
    return all;
  }

  static String of(NetworkView n) {
    TextBuffer out = new TextBuffer();
    Map<String, String> ip = new LinkedHashMap<>();
    ip.put("Forwarding", "2");
    ip.put("DefaultTTL", "64");
    pair(out, "Ip", after(ip, values(IP, n.counters("Ip"))));
    pair(out, "Icmp", values(ICMP, n.counters("Icmp")));
    Map<String, String> tcp = new LinkedHashMap<>();
    tcp.put("RtoAlgorithm", "1");
    tcp.put("RtoMin", "200");
    tcp.put("RtoMax", "120000");
    tcp.put("MaxConn", "-1");
    Map<String, String> rest = values(TCP, n.counters("Tcp"));
    rest.put("CurrEstab", Long.toString(established(n.tcp())));
    pair(out, "Tcp", after(tcp, rest));
    pair(out, "Udp", values(UDP, n.counters("Udp")));
    pair(out, "UdpLite", values(UDP, Map.of()));
    return out.toString();
  }

  private static long established(List<NetworkView.InetSocket> sockets) {
    return sockets.stream()
        .filter(s -> s.state() == ESTABLISHED || s.state() == CLOSE_WAIT)
        .count();
  }

  /** A line for each counter. */
  static String six(NetworkView n) {
    TextBuffer out = new TextBuffer();
    lines(out, "Ip6", values(IP6, n.counters("Ip6")));
    Map<String, String> icmp = new TreeMap<>();
    n.counters("Icmp6").forEach((name, count) -> icmp.put(name, Long.toString(count)));
    lines(out, "Icmp6", icmp);
    return out.toString();
  }

  private static void lines(TextBuffer out, String prefix, Map<String, String> values) {
    values.forEach((name, count) -> out.left(prefix + name, 32).add('\t').add(count).newline());
  }

  /** Those counters of TcpExt that there are; readers go by the names. */
  static String extended(NetworkView n) {
    TextBuffer out = new TextBuffer();
    Map<String, String> tcp = new LinkedHashMap<>();
    n.counters("TcpExt").forEach((name, count) -> tcp.put(name, Long.toString(count)));
    tcp.putIfAbsent("ListenOverflows", "0");
    tcp.putIfAbsent("ListenDrops", "0");
    pair(out, "TcpExt", tcp);
    long in = n.interfaces().stream().mapToLong(i -> i.received().bytes()).sum();
    long sent = n.interfaces().stream().mapToLong(i -> i.sent().bytes()).sum();
    Map<String, String> ip = new LinkedHashMap<>();
    ip.put("InOctets", Long.toString(in));
    ip.put("OutOctets", Long.toString(sent));
    pair(out, "IpExt", ip);
    return out.toString();
  }
}
