package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.synthetic.StaticDirectory;
import io.loomvisor.vfs.synthetic.TextBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** /proc/net. Tables of protocols that are not there have their heading only. */
final class NetText {
  private static final int IPV4 = 4;
  private static final int IPV6 = 16;
  private static final int SO_ACCEPTCON = 0x10000;

  private static final int SCOPE_LOOPBACK = 0x10;
  private static final int SCOPE_LINK = 0x20;

  private NetText() {}

  static StaticDirectory directory(ProcFilesystem filesystem, NetworkView network) {
    StaticDirectory d = new StaticDirectory(filesystem);
    d.text(
        "arp",
        () -> "IP address       HW type     Flags       HW address            Mask     Device\n");
    d.text("dev", () -> dev(network.interfaces()));
    d.text("if_inet6", () -> addresses6(network.addresses6()));
    d.text(
        "netlink",
        () ->
            "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops   "
                + " Inode\n");
    d.text(
        "netstat",
        () ->
            "TcpExt: ListenOverflows ListenDrops\n"
                + "TcpExt: 0 0\n"
                + "IpExt: InOctets OutOctets\n"
                + "IpExt: 0 0\n");
    d.text("packet", () -> "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n");
    d.text(
        "protocols",
        () ->
            "protocol  size sockets  memory press maxhdr  slab module     cl co di ac io in de sh"
                + " ss gs se re bi br ha uh gp em\n");
    d.text("route", () -> route(network.routes()));
    d.text("snmp", NetText::snmp);
    d.text("sockstat", () -> sockstat(network));
    d.text("unix", () -> unix(network.unix()));
    sockets(d, "tcp", network::tcp, false);
    sockets(d, "udp", network::udp, true);
    sockets(d, "raw", network::raw, true);
    return d;
  }

  private static void sockets(
      StaticDirectory d,
      String name,
      Supplier<List<NetworkView.InetSocket>> source,
      boolean datagram) {
    d.text(name, () -> inet(source.get(), IPV4, datagram));
    d.text(name + "6", () -> inet(source.get(), IPV6, datagram));
  }

  private static String dev(List<NetworkView.Interface> interfaces) {
    TextBuffer out = new TextBuffer();
    out.add("Inter-|   Receive                                                |  Transmit\n");
    out.add(" face |bytes    packets errs drop fifo frame compressed multicast");
    out.add("|bytes    packets errs drop fifo colls carrier compressed\n");
    for (NetworkView.Interface i : interfaces) {
      NetworkView.Counters r = i.received();
      NetworkView.Counters s = i.sent();
      out.right(i.name(), 6).add(": ").right(r.bytes(), 7).add(' ').right(r.packets(), 7).add(' ');
      out.right(r.errors(), 4)
          .add(' ')
          .right(r.drops(), 4)
          .add("    0     0          0         0 ");
      out.right(s.bytes(), 8).add(' ').right(s.packets(), 7).add(' ');
      out.right(s.errors(), 4).add(' ').right(s.drops(), 4).add("    0     0       0          0\n");
    }
    return out.toString();
  }

  private static String route(List<NetworkView.Route> routes) {
    TextBuffer out = new TextBuffer();
    line(
        out,
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
        127);
    for (NetworkView.Route r : routes) {
      TextBuffer row = new TextBuffer();
      row.add(r.device()).add('\t');
      address(row, r.destination()).add('\t');
      address(row, r.gateway())
          .add('\t')
          .upperHex(r.flags(), 4)
          .add("\t0\t0\t")
          .add(r.metric())
          .add('\t');
      address(row, r.mask()).add("\t0\t0\t0");
      line(out, row.toString(), 127);
    }
    return out.toString();
  }

  /** Address, index, prefix length, scope (IPV6_ADDR_*), IFA_F_PERMANENT, name. */
  private static String addresses6(List<NetworkView.Address> all) {
    StringBuilder out = new StringBuilder();
    for (NetworkView.Address a : all) {
      String text = HexFormat.of().formatHex(a.address());
      int scope =
          text.startsWith("fe8") ? SCOPE_LINK : a.device().equals("lo") ? SCOPE_LOOPBACK : 0;
      out.append(
          String.format(
              Locale.ROOT,
              "%s %02x %02x %02x 80 %8s\n",
              text,
              a.index(),
              a.prefixLength(),
              scope,
              a.device()));
    }
    return out.toString();
  }

  /** Lines of this table have a fixed length. */
  private static void line(TextBuffer out, String text, int width) {
    out.left(text, width).newline();
  }

  private static String inet(List<NetworkView.InetSocket> all, int length, boolean datagram) {
    TextBuffer out = new TextBuffer();
    String heading =
        length == IPV4
            ? "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid "
                + " timeout inode"
            : "  sl  local_address                         remote_address                        st"
                + " tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
    String full = datagram ? heading + " ref pointer drops" : heading;
    out.left(full, length == IPV4 ? datagram ? 127 : 149 : 0).newline();
    int slot = 0;
    for (NetworkView.InetSocket s : all) {
      if (s.local().length == length) {
        TextBuffer row = row(slot++, s, datagram);
        out.left(row.toString(), length == IPV4 ? datagram ? 127 : 149 : 0).newline();
      }
    }
    return out.toString();
  }

  private static TextBuffer row(int slot, NetworkView.InetSocket s, boolean datagram) {
    TextBuffer row = new TextBuffer().right(slot, datagram ? 5 : 4).add(": ");
    address(row, s.local()).add(':').upperHex(s.localPort(), 4).add(' ');
    address(row, s.remote())
        .add(':')
        .upperHex(s.remotePort(), 4)
        .add(' ')
        .upperHex(s.state(), 2)
        .add(' ');
    row.upperHex(s.sendQueue(), 8)
        .add(':')
        .upperHex(s.receiveQueue(), 8)
        .add(" 00:00000000 00000000 ");
    row.right(Integer.toUnsignedString(s.uid()), 5).add("        0 ").add(s.ino());
    return row.add(datagram ? " 2 0000000000000000 0" : " 1 0000000000000000 100 0 0 10 0");
  }

  /** An address as Linux prints it: 32-bit words, each as the CPU reads it from network order. */
  private static TextBuffer address(TextBuffer out, byte[] address) {
    for (int i = 0; i + 3 < address.length; i += 4) {
      for (int b = 3; b >= 0; b--) {
        out.upperHex(address[i + b] & 0xFF, 2);
      }
    }
    return out;
  }

  private static String unix(List<NetworkView.UnixSocket> sockets) {
    TextBuffer out =
        new TextBuffer().add("Num       RefCount Protocol Flags    Type St Inode Path\n");
    for (NetworkView.UnixSocket s : sockets) {
      out.add("0000000000000000: ").upperHex(s.references(), 8).add(" 00000000 ");
      out.upperHex(s.listening() ? SO_ACCEPTCON : 0, 8).add(' ').upperHex(s.type(), 4).add(' ');
      out.upperHex(s.state(), 2).add(' ').right(s.ino(), 5);
      out.add(s.path() == null ? "" : " " + s.path()).newline();
    }
    return out.toString();
  }

  private static String sockstat(NetworkView n) {
    int tcp = n.tcp().size();
    int udp = n.udp().size();
    return "sockets: used "
        + (tcp + udp + n.raw().size() + n.unix().size())
        + "\nTCP: inuse "
        + tcp
        + " orphan 0 tw 0 alloc "
        + tcp
        + " mem 0\nUDP: inuse "
        + udp
        + " mem 0\nUDPLITE: inuse 0\nRAW: inuse "
        + n.raw().size()
        + "\nFRAG: inuse 0 memory 0\n";
  }

  private static String snmp() {
    return """
    Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards \
    InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails \
    FragCreates
    Ip: 2 64 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
    Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs \
    OutSegs RetransSegs InErrs OutRsts InCsumErrors
    Tcp: 1 200 120000 -1 0 0 0 0 0 0 0 0 0 0 0
    Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors
    Udp: 0 0 0 0 0 0 0 0 0
    """;
  }
}
