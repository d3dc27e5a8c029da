package io.loomvisor.net.hostile;

import static io.loomvisor.net.hostile.Victim.ADDRESS;
import static io.loomvisor.net.hostile.Victim.ADDRESS6;
import static io.loomvisor.net.ip.Packets.bytes;
import static io.loomvisor.net.ip.Packets.data;
import static io.loomvisor.net.ip.Packets.ethernet;
import static io.loomvisor.net.ip.Packets.fragment6;
import static io.loomvisor.net.ip.Packets.hex;
import static io.loomvisor.net.ip.Packets.icmp4;
import static io.loomvisor.net.ip.Packets.icmp6;
import static io.loomvisor.net.ip.Packets.ipv4;
import static io.loomvisor.net.ip.Packets.ipv6;
import static io.loomvisor.net.ip.Packets.join;
import static io.loomvisor.net.ip.Packets.linkOption;
import static io.loomvisor.net.ip.Packets.ndp;
import static io.loomvisor.net.ip.Packets.prefixOption;
import static io.loomvisor.net.ip.Packets.udp;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.conntrack.Tracker;
import io.loomvisor.net.filter.RuleSet;
import io.loomvisor.net.filter.text.SaveText;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.ArpPacket;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.Ipv6;
import io.loomvisor.net.wire.MacAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Good packets of every kind, spoilt: bits turned, bytes lost, added, overwritten with values that
 * are limits somewhere. Checksums are mostly made right again, so that what lies behind them is
 * reached.
 */
final class PacketFuzzTest {
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  private static final MacAddress PEER_MAC = MacAddress.parse("02:00:00:00:00:02");
  private static final IpAddress PEER = IpAddress.parse("10.0.0.2");
  private static final IpAddress PEER6 = IpAddress.parse("fd00::2");
  private static final IpAddress ROUTER = IpAddress.parse("fe80::2");
  private static final int[] LIMITS = {0, 1, 2, 4, 5, 6, 7, 8, 15, 16, 40, 0x7f, 0x80, 0xfe, 0xff};
  private static final int ROUNDS = 150_000;

  private final Random r = new Random(11);

  @Test
  void noSpoiltPacketHarms() {
    try (Victim v = new Victim(PipeLink.ethernet(1500, MAC, PEER_MAC))) {
      harm(v, ROUNDS);
    }
  }

  /** The same through rules of every kind, connections and translation included. */
  @Test
  void noSpoiltPacketHarmsWhatFiltersThem() {
    try (Victim v = new Victim(PipeLink.ethernet(1500, MAC, PEER_MAC))) {
      v.host.firewall().conntrack().max = 1000;
      v.host.firewall().conntrack().checksum = false;
      v.host.firewall().onLog(line -> {});
      v.host.firewall().install(SaveText.parse(RULES4, false));
      v.host.firewall().install(SaveText.parse(RULES6, true));
      v.host.ip().forwarding(true);
      harm(v, ROUNDS / 3);
      assertTrue(v.host.firewall().connectionCount() <= 1000);
      Tracker.Statistics s = v.host.firewall().statistics();
      assertTrue(s.invalid() > 100, "invalid: " + s.invalid());
      v.host.firewall().install(RuleSet.none(false));
      v.host.firewall().install(RuleSet.none(true));
      v.host.firewall().forgetConnections();
    }
  }

  private static final String RULES4 =
      """
      *raw
      -A PREROUTING -i eth0 -p udp -m udp --sport 5001 -j CT --notrack
      COMMIT
      *mangle
      -A PREROUTING -m conntrack --ctstate INVALID -j MARK --set-xmark 0x1/0x1
      COMMIT
      *nat
      -A PREROUTING -i eth0 -p udp -j REDIRECT --to-ports 53
      -A PREROUTING -i eth0 -p tcp -m tcp --dport 80:443 -j DNAT --to-destination 10.0.0.1-10.0.0.3:80-90
      -A PREROUTING -i eth0 -p icmp -j DNAT --to-destination 10.0.0.2
      -A POSTROUTING -o eth0 -j SNAT --to-source 10.0.0.1:1000-1100
      COMMIT
      *filter
      :USER - [0:0]
      -A INPUT -i eth0 -j USER
      -A FORWARD -j USER
      -A OUTPUT -o eth0 -m limit --limit 1000/sec --limit-burst 100 -j LOG --log-prefix "out "
      -A USER -m mark --mark 0x1 -j LOG
      -A USER -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j REJECT --reject-with tcp-reset
      -A USER -p udp -m multiport --ports 1:1000,5000 -m statistic --mode random --probability 0.3 -j REJECT
      -A USER -p icmp -m icmp --icmp-type 3 -j RETURN
      COMMIT
      """;

  private static final String RULES6 =
      """
      *nat
      -A PREROUTING -i eth0 -p udp -j DNAT --to-destination [fd00::1]:53
      -A PREROUTING -i eth0 -p tcp -j REDIRECT --to-ports 80
      -A POSTROUTING -o eth0 -p tcp -j MASQUERADE --random
      COMMIT
      *filter
      -A INPUT -i eth0 -m conntrack --ctstate INVALID,UNTRACKED -j LOG
      -A INPUT -i eth0 -p tcp -m statistic --mode nth --every 5 --packet 0 -j REJECT
      -A FORWARD -j REJECT --reject-with icmp6-adm-prohibited
      COMMIT
      """;

  private void harm(Victim v, int rounds) {
    v.host.ip().autoconfigure(v.host.ip().nics().getFirst());
    List<byte[]> good = seeds();
    for (int i = 0; i < rounds; i++) {
      v.in(spoil(good.get(i % good.size())));
      if (i % 1000 == 0) {
        v.clock.advance(r.nextInt(2000) * Clock.MILLISECOND);
        v.answers.clear();
        v.sound();
      }
      if (i % 10_000 == 0) {
        v.friendIsServed();
      }
    }
    long held = v.pool.outstanding();
    assertTrue(held < 5000, "held " + held);
    v.friendIsServed();
    v.friendMayConnect();
    // What routers said ends some day, and the host is as it was.
    v.listener.close();
  }

  private static List<byte[]> seeds() {
    List<byte[]> all = new ArrayList<>();
    byte[] arp = new byte[ArpPacket.LENGTH];
    int peer = PEER.intValue();
    new ArpPacket(ArpPacket.REQUEST, PEER_MAC, peer, MacAddress.ZERO, ADDRESS.intValue())
        .write(arp, 0);
    all.add(ethernet(MacAddress.BROADCAST, PEER_MAC, Ethernet.TYPE_ARP, arp));
    for (byte[] p : four()) {
      all.add(ethernet(MAC, PEER_MAC, Ethernet.TYPE_IPV4, p));
    }
    for (byte[] p : six()) {
      all.add(ethernet(MAC, PEER_MAC, Ethernet.TYPE_IPV6, p));
    }
    return all;
  }

  private static List<byte[]> four() {
    List<byte[]> all = new ArrayList<>();
    byte[] quoted = ipv4(ADDRESS, PEER, IpProtocol.TCP, tcp("02"));
    all.add(ipv4(PEER, ADDRESS, IpProtocol.ICMP, icmp4(8, 0, 7, data(40))));
    all.add(ipv4(PEER, ADDRESS, IpProtocol.ICMP, icmp4(3, 4, 1000, quoted)));
    all.add(ipv4(PEER, ADDRESS, IpProtocol.ICMP, icmp4(12, 0, 0, quoted)));
    all.add(ipv4(PEER, ADDRESS, IpProtocol.UDP, udp(PEER, 5000, ADDRESS, 53, data(30))));
    all.add(ipv4(PEER, ADDRESS, IpProtocol.TCP, tcp("02")));
    all.add(ipv4(PEER, ADDRESS, IpProtocol.TCP, tcp("10")));
    all.add(ipv4(PEER, ADDRESS, IpProtocol.TCP, tcp("18")));
    byte[] options = hex("94 04 00 00 07 07 04 00 00 00 00 00");
    all.add(ipv4(PEER, ADDRESS, IpProtocol.UDP, 1, 0, options, data(16)));
    int more = Ipv4.MORE_FRAGMENTS;
    all.add(ipv4(PEER, ADDRESS, IpProtocol.UDP, 9, more, new byte[0], data(160)));
    all.add(ipv4(PEER, ADDRESS, IpProtocol.UDP, 9, 20, new byte[0], data(100)));
    all.add(ipv4(PEER, ADDRESS, IpProtocol.IGMP, hex("11 64 ee 9b 00 00 00 00")));
    return all;
  }

  private static List<byte[]> six() {
    List<byte[]> all = new ArrayList<>();
    IpAddress nodes = IpAddress.ALL_NODES6;
    byte[] router = join(linkOption(1, PEER_MAC), prefixOption("2001:db8::/64", 0xc0, 300, 200));
    all.add(ndp(ROUTER, nodes, 134, 1800, new byte[8], router));
    all.add(ndp(PEER6, ADDRESS6, 135, 0, bytes(ADDRESS6), linkOption(1, PEER_MAC)));
    all.add(ndp(PEER6, ADDRESS6, 136, 0x6000_0000, bytes(PEER6), linkOption(2, PEER_MAC)));
    all.add(ndp(ROUTER, nodes, 130, 1000 << 16, new byte[20]));
    int icmp = IpProtocol.ICMPV6;
    all.add(ipv6(PEER6, ADDRESS6, icmp, 64, icmp6(PEER6, ADDRESS6, 128, 0, 7, data(40))));
    byte[] quoted = ipv6(ADDRESS6, PEER6, IpProtocol.TCP, 64, tcp("02"));
    all.add(ipv6(PEER6, ADDRESS6, icmp, 64, icmp6(PEER6, ADDRESS6, 2, 0, 1300, quoted)));
    all.add(ipv6(PEER6, ADDRESS6, IpProtocol.UDP, 64, udp(PEER6, 5, ADDRESS6, 53, data(30))));
    all.add(ipv6(PEER6, ADDRESS6, IpProtocol.TCP, 64, tcp("02")));
    all.add(
        ipv6(
            PEER6,
            ADDRESS6,
            IpProtocol.HOP_BY_HOP,
            64,
            hex("3c 00 05 02 00 00 01 00"),
            hex("2b 00 01 04 00 00 00 00"),
            hex("2c 00 00 00 00 00 00 00"),
            fragment6(IpProtocol.UDP, 0, true, 3),
            data(80)));
    all.add(
        ipv6(
            PEER6,
            ADDRESS6,
            IpProtocol.FRAGMENT,
            64,
            fragment6(IpProtocol.UDP, 80, false, 3),
            data(30)));
    return all;
  }

  /** To port 80, with every option there is, and ten bytes. */
  private static byte[] tcp(String flags) {
    String options = "02 04 05 b4 01 03 03 07 08 0a 00 00 00 01 00 00 00 00 05 0a 00 00 00 09";
    String rest = "00 00 00 20 04 02 00 00";
    String fixed = "13 88 00 50 00 00 10 00 00 00 20 00 d0 " + flags + " ff ff 00 00 00 00 ";
    return join(hex(fixed + options + " " + rest), data(10));
  }

  private byte[] spoil(byte[] good) {
    byte[] b = good.clone();
    int from = r.nextInt(4) == 0 ? 0 : Ethernet.HEADER_LENGTH;
    for (int n = r.nextInt(4); n >= 0 && b.length > from; n--) {
      int at = from + r.nextInt(Math.min(b.length - from, 100));
      switch (r.nextInt(6)) {
        case 0 -> b[at] ^= (byte) (1 << r.nextInt(8));
        case 1 -> b[at] = (byte) LIMITS[r.nextInt(LIMITS.length)];
        case 2 -> b[at] = (byte) r.nextInt();
        case 3 -> b = Arrays.copyOf(b, at);
        case 4 -> b = join(Arrays.copyOf(b, at), data(r.nextInt(40)), tail(b, at));
        default -> b = join(Arrays.copyOf(b, at), tail(b, Math.min(b.length, at + r.nextInt(9))));
      }
    }
    if (r.nextInt(8) != 0) {
      repair(b);
    }
    return b;
  }

  private static byte[] tail(byte[] b, int at) {
    return Arrays.copyOfRange(b, at, b.length);
  }

  /** Makes lengths and checksums right as far as the packet has room for them. */
  private void repair(byte[] b) {
    int ip = Ethernet.HEADER_LENGTH;
    int n = b.length - ip;
    if (n >= Ipv4.MIN_HEADER && (b[ip] & 0xf0) == 0x40) {
      int header = (b[ip] & 15) * 4;
      if (header < Ipv4.MIN_HEADER || header > n) {
        return;
      }
      Bytes.put16(b, ip + 2, n);
      Ipv4.writeChecksum(b, ip);
      long pseudo =
          Checksum.pseudo(
              IpAddress.read(b, ip + 12, false),
              IpAddress.read(b, ip + 16, false),
              b[ip + 9] & 255,
              n - header);
      transport(b, ip + header, b[ip + 9] & 255, pseudo);
    } else if (n >= Ipv6.HEADER && (b[ip] & 0xf0) == 0x60) {
      Bytes.put16(b, ip + 4, n - Ipv6.HEADER);
      IpAddress from = IpAddress.read(b, ip + 8, true);
      IpAddress to = IpAddress.read(b, ip + 24, true);
      Ipv6.Extensions e = Ipv6.walk(b, ip, b.length, Ipv6.nextHeader(b, ip), ip + Ipv6.HEADER);
      int length = b.length - e.position();
      transport(b, e.position(), e.next(), Checksum.pseudo(from, to, e.next(), length));
    }
  }

  private static void transport(byte[] b, int at, int protocol, long pseudo) {
    int field =
        switch (protocol) {
          case IpProtocol.TCP -> 16;
          case IpProtocol.UDP -> 6;
          case IpProtocol.ICMP, IpProtocol.IGMP, IpProtocol.ICMPV6 -> 2;
          default -> -1;
        };
    int length = b.length - at;
    if (field < 0 || length < field + 2) {
      return;
    }
    if (protocol == IpProtocol.UDP && length >= 8) {
      Bytes.put16(b, at + 4, length);
    }
    Bytes.put16(b, at + field, 0);
    boolean bare = protocol == IpProtocol.ICMP || protocol == IpProtocol.IGMP;
    long sum = Checksum.add(bare ? 0 : pseudo, b, at, length);
    Bytes.put16(b, at + field, Checksum.finish(sum));
  }
}
