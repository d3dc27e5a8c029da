package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.synthetic.StaticDirectory;
import io.loomvisor.vfs.synthetic.TextBuffer;
import java.util.HexFormat;
import java.util.List;
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
    d.text("arp", () -> arp(network.neighbors()));
    d.text("dev", () -> dev(network.interfaces()));
    d.text("if_inet6", () -> addresses6(network.addresses6()));
    d.text("ip_tables_names", () -> lines(network.filterTables(false)));
    d.text("ip6_tables_names", () -> lines(network.filterTables(true)));
    d.text(
        "netlink",
        () ->
            "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops   "
                + " Inode\n");
    d.text("netstat", () -> SnmpText.extended(network));
    d.text("packet", () -> packets(network.packets()));
    d.text(
        "protocols",
        () ->
            "protocol  size sockets  memory press maxhdr  slab module     cl co di ac io in de sh"
                + " ss gs se re bi br ha uh gp em\n");
    d.text("route", () -> route(network.routes()));
    d.text("snmp", () -> SnmpText.of(network));
    d.text("snmp6", () -> SnmpText.six(network));
    d.text("sockstat", () -> SocketCounts.text(network));
    d.text("sockstat6", () -> SocketCounts.six(network));
    d.text("unix", () -> unix(network.unix()));
    sockets(d, "tcp", network::tcp, false);
    sockets(d, "udp", network::udp, true);
    sockets(d, "raw", network::raw, true);
    sockets(d, "icmp", network::icmp, true);
    return d;
  }

  private static String lines(List<String> words) {
    StringBuilder out = new StringBuilder();
    words.forEach(w -> out.append(w).append('\n'));
    return out.toString();
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
    TextBuffer out = new TextBuffer();
    for (NetworkView.Address a : all) {
      String text = HexFormat.of().formatHex(a.address());
      int scope =
          text.startsWith("fe8") ? SCOPE_LINK : a.device().equals("lo") ? SCOPE_LOOPBACK : 0;
      out.add(text).add(' ').hex(a.index(), 2).add(' ').hex(a.prefixLength(), 2).add(' ');
      out.hex(scope, 2).add(" 80 ").right(a.device(), 8).newline();
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
    return row.add(
        datagram ? " 2 0000000000000000 " + s.drops() : " 1 0000000000000000 100 0 0 10 0");
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

  private static String arp(List<NetworkView.Neighbor> neighbors) {
    TextBuffer out = new TextBuffer();
    out.add("IP address       HW type     Flags       HW address            Mask     Device\n");
    for (NetworkView.Neighbor n : neighbors) {
      byte[] a = n.address();
      String ip = (a[0] & 0xff) + "." + (a[1] & 0xff) + "." + (a[2] & 0xff) + "." + (a[3] & 0xff);
      out.left(ip, 16).add(" 0x1         0x").left(Integer.toHexString(n.flags()), 10);
      out.add(n.hardwareAddress()).add("     *        ").add(n.device()).newline();
    }
    return out.toString();
  }

  private static String packets(List<NetworkView.PacketSocket> sockets) {
    TextBuffer out = new TextBuffer();
    out.add("sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n");
    for (NetworkView.PacketSocket s : sockets) {
      out.add("0000000000000000 3      ").left(Integer.toString(s.type()), 4).add(' ');
      out.hex(s.protocol(), 4).add("   ").left(Integer.toString(s.index()), 5).add(" 1 ");
      out.left(Integer.toString(s.receiveQueue()), 6).add(' ');
      out.left(Integer.toUnsignedString(s.uid()), 6).add(' ');
      out.left(Long.toString(s.ino()), 6).newline();
    }
    return out.toString();
  }
}
