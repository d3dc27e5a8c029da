package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.synthetic.TextBuffer;
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
    TextBuffer out = new TextBuffer().add("sockets: used ").add(used);
    out.add("\nTCP: inuse ").add(in(tcp, false)).add(" orphan ").add(orphans);
    out.add(" tw ").add(waiting).add(" alloc ").add(alive).add(" mem 0");
    out.add("\nUDP: inuse ").add(in(n.udp(), false)).add(" mem 0\nUDPLITE: inuse 0");
    out.add("\nRAW: inuse ").add(in(n.raw(), false)).add("\nFRAG: inuse 0 memory 0\n");
    return out.toString();
  }

  static String six(NetworkView n) {
    TextBuffer out = new TextBuffer().add("TCP6: inuse ").add(in(n.tcp(), true));
    out.add("\nUDP6: inuse ").add(in(n.udp(), true)).add("\nUDPLITE6: inuse 0");
    out.add("\nRAW6: inuse ").add(in(n.raw(), true)).add("\nFRAG6: inuse 0 memory 0\n");
    return out.toString();
  }
}
