package io.loomvisor.vfs.proc;

import java.util.List;

/** /proc/net/sockstat and sockstat6: how many sockets of each protocol there are. */
final class SocketCounts {
  private static final int IPV6 = 16;
  private static final int TIME_WAIT = 6;

  private SocketCounts() {}

  private static long in(List<NetworkView.InetSocket> sockets, boolean v6) {
    return sockets.stream()
        .filter(s -> s.state() != TIME_WAIT && (s.local().length == IPV6) == v6)
        .count();
  }

  static String text(NetworkView n) {
    List<NetworkView.InetSocket> tcp = n.tcp();
    long waiting = tcp.stream().filter(s -> s.state() == TIME_WAIT).count();
    long orphans = tcp.stream().filter(s -> s.state() != TIME_WAIT && s.ino() == 0).count();
    long alive = tcp.size() - waiting;
    long used = alive - orphans + n.udp().size() + n.raw().size() + n.icmp().size();
    used += n.packets().size() + n.unix().size();
    return "sockets: used %d\nTCP: inuse %d orphan %d tw %d alloc %d mem 0\nUDP: inuse %d mem 0\n"
            .formatted(used, in(tcp, false), orphans, waiting, alive, in(n.udp(), false))
        + "UDPLITE: inuse 0\nRAW: inuse %d\nFRAG: inuse 0 memory 0\n".formatted(in(n.raw(), false));
  }

  static String six(NetworkView n) {
    return "TCP6: inuse %d\nUDP6: inuse %d\nUDPLITE6: inuse 0\nRAW6: inuse %d\n"
            .formatted(in(n.tcp(), true), in(n.udp(), true), in(n.raw(), true))
        + "FRAG6: inuse 0 memory 0\n";
  }
}
