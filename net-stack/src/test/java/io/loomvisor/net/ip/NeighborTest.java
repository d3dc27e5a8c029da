package io.loomvisor.net.ip;

import static io.loomvisor.net.ip.Packets.bytes;
import static io.loomvisor.net.ip.Packets.data;
import static io.loomvisor.net.ip.Packets.ethernet;
import static io.loomvisor.net.ip.Packets.linkOption;
import static io.loomvisor.net.ip.Packets.ndp;
import static io.loomvisor.net.ip.Station.HOST4;
import static io.loomvisor.net.ip.Station.HOST6;
import static io.loomvisor.net.ip.Station.MAC;
import static io.loomvisor.net.ip.Station.PEER4;
import static io.loomvisor.net.ip.Station.PEER6;
import static io.loomvisor.net.ip.Station.PEER_MAC;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.neighbor.NeighborState;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.ArpPacket;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.MacAddress;
import io.loomvisor.net.wire.Ndp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Resolution and unreachability detection, ARP and NDP alike (RFC 826, RFC 4861 section 7). */
final class NeighborTest {
  private static final MacAddress OTHER = MacAddress.parse("02:00:00:00:00:99");
  private static final int SOLICITED = Ndp.SOLICITED | Ndp.OVERRIDE;
  private final Station s = Station.onEthernet(false);

  @BeforeEach
  void addresses() {
    s.ip.addAddress(s.nic, HOST4, 24);
    s.ip.addAddress(s.nic, HOST6, 64);
  }

  @AfterEach
  void sound() {
    s.clock.advance(120 * Clock.SECOND);
    s.sound();
  }

  private static void check(boolean ok) {
    assertTrue(ok);
  }

  private NeighborState state(boolean v6) {
    return s.nic.neighbors(v6).find(v6 ? PEER6 : PEER4).getKey();
  }

  /** Expects a question for the peer, to {@code to} or, if null, to everybody. */
  private void expectQuestion(boolean v6, MacAddress to) {
    byte[] f = s.out();
    MacAddress all = v6 ? MacAddress.ofMulticast(PEER6.solicitedNode()) : MacAddress.BROADCAST;
    assertEquals((to == null ? all : to).value(), Ethernet.destination(f, 0));
    if (v6) {
      assertEquals(to == null ? PEER6.solicitedNode() : PEER6, IpAddress.read(f, 38, true));
      assertEquals(255, f[21] & 255);
      Ndp m = Ndp.parse(f, 54, f.length - 54);
      assertEquals(new Ndp.NeighborSolicitation(PEER6, MAC), m);
    } else {
      ArpPacket a = ArpPacket.parse(f, 14, f.length - 14);
      int request = ArpPacket.REQUEST;
      MacAddress zero = MacAddress.ZERO;
      ArpPacket q = new ArpPacket(request, MAC, HOST4.intValue(), zero, PEER4.intValue());
      assertEquals(q, a);
    }
  }

  private void answer(boolean v6, MacAddress from) {
    if (v6) {
      advertise(SOLICITED, from);
    } else {
      int reply = ArpPacket.REPLY;
      arp(new ArpPacket(reply, from, PEER4.intValue(), MAC, HOST4.intValue()), MAC);
    }
  }

  private void advertise(int flags, MacAddress from) {
    byte[] option = from == null ? new byte[0] : linkOption(2, from);
    byte[] m = ndp(PEER6, HOST6, Icmp6.NEIGHBOR_ADVERTISEMENT, flags, bytes(PEER6), option);
    s.in(ethernet(MAC, PEER_MAC, Ethernet.TYPE_IPV6, m));
  }

  private void arp(ArpPacket a, MacAddress to) {
    byte[] p = new byte[ArpPacket.LENGTH];
    a.write(p, 0);
    s.in(ethernet(to, PEER_MAC, Ethernet.TYPE_ARP, p));
  }

  private void expectData(MacAddress to) {
    assertEquals(to.value(), Ethernet.destination(s.out(), 0));
  }

  /** Resolves the peer, with one packet sent on the way. */
  private void resolve(boolean v6) {
    check(s.send(v6 ? PEER6 : PEER4, data(9)));
    expectQuestion(v6, null);
    answer(v6, PEER_MAC);
    expectData(PEER_MAC);
    assertEquals(NeighborState.REACHABLE, state(v6));
  }

  @Test
  void packetsWaitForTheAnswerAndGoInOrderRfc4861Section722() {
    for (boolean v6 : new boolean[] {false, true}) {
      for (int n = 1; n <= 100; n++) {
        check(s.send(v6 ? PEER6 : PEER4, data(n)));
      }
      expectQuestion(v6, null);
      s.silent();
      answer(v6, PEER_MAC);
      // A bounded number waits (Linux: unres_qlen); the oldest give way.
      assertEquals(64, s.waiting());
      for (int n = 37; n <= 100; n++) {
        assertEquals(14 + (v6 ? 40 : 20) + n, s.out().length);
      }
    }
  }

  @Test
  void aQuestionIsRepeatedEachSecondThreeTimesRfc4861Section722() {
    for (boolean v6 : new boolean[] {false, true}) {
      check(s.send(v6 ? PEER6 : PEER4, data(9)));
      for (int i = 0; i < 3; i++) {
        expectQuestion(v6, null);
        s.silent();
        s.clock.advance(Clock.SECOND);
      }
      s.silent();
      assertEquals(IcmpError.Kind.HOST_UNREACHABLE, s.errors.removeFirst().kind());
      assertNull(s.nic.neighbors(v6).find(v6 ? PEER6 : PEER4));
    }
  }

  @Test
  void anAgedNeighborIsProbedAndConfirmedRfc4861Section733() {
    for (boolean v6 : new boolean[] {false, true}) {
      resolve(v6);
      s.clock.advance(31 * Clock.SECOND);
      check(s.send(v6 ? PEER6 : PEER4, data(9)));
      expectData(PEER_MAC);
      assertEquals(NeighborState.DELAY, state(v6));
      s.clock.advance(5 * Clock.SECOND);
      expectQuestion(v6, PEER_MAC);
      assertEquals(NeighborState.PROBE, state(v6));
      answer(v6, PEER_MAC);
      assertEquals(NeighborState.REACHABLE, state(v6));
      s.clock.advance(10 * Clock.SECOND);
      s.silent();
    }
  }

  @Test
  void aNeighborThatIsGoneIsForgottenAndAskedForAgainRfc4861Section733() {
    for (boolean v6 : new boolean[] {false, true}) {
      resolve(v6);
      s.clock.advance(31 * Clock.SECOND);
      check(s.send(v6 ? PEER6 : PEER4, data(9)));
      expectData(PEER_MAC);
      s.clock.advance(5 * Clock.SECOND);
      for (int i = 0; i < 3; i++) {
        expectQuestion(v6, PEER_MAC);
        s.silent();
        s.clock.advance(Clock.SECOND);
      }
      assertNull(s.nic.neighbors(v6).find(v6 ? PEER6 : PEER4));
      resolve(v6);
    }
  }

  @Test
  void progressOfAnUpperLayerNeedsNoProbeRfc4861Section731() {
    resolve(true);
    for (int i = 0; i < 10; i++) {
      s.clock.advance(29 * Clock.SECOND);
      s.ip.confirmNeighbor(s.ip.path(PEER6, null, 0));
      check(s.send(PEER6, data(9)));
      expectData(PEER_MAC);
    }
    s.clock.advance(10 * Clock.SECOND);
    s.silent();
    assertEquals(NeighborState.REACHABLE, state(true));
  }

  @Test
  void anAnswerToAProbeNeedsNoAddressRfc4861Section724() {
    resolve(true);
    s.clock.advance(31 * Clock.SECOND);
    check(s.send(PEER6, data(9)));
    expectData(PEER_MAC);
    s.clock.advance(5 * Clock.SECOND);
    expectQuestion(true, PEER_MAC);
    advertise(Ndp.SOLICITED, null);
    assertEquals(NeighborState.REACHABLE, state(true));
  }

  @Test
  void anotherAddressReplacesOnlyWithOverrideRfc4861Section725() {
    resolve(true);
    advertise(Ndp.SOLICITED, OTHER);
    assertEquals(NeighborState.STALE, state(true));
    assertEquals(PEER_MAC, s.nic.neighbors(true).find(PEER6).getValue());
    advertise(Ndp.OVERRIDE, OTHER);
    assertEquals(NeighborState.STALE, state(true));
    assertEquals(OTHER, s.nic.neighbors(true).find(PEER6).getValue());
    advertise(SOLICITED, PEER_MAC);
    assertEquals(NeighborState.REACHABLE, state(true));
    assertEquals(PEER_MAC, s.nic.neighbors(true).find(PEER6).getValue());
  }

  @Test
  void nobodyIsLearnedWithoutAQuestionRfc4861Section725() {
    answer(true, OTHER);
    answer(false, OTHER);
    int request = ArpPacket.REQUEST;
    int peer = PEER4.intValue();
    arp(new ArpPacket(request, OTHER, peer, MacAddress.ZERO, peer), MacAddress.BROADCAST);
    assertEquals(0, s.nic.neighbors(true).rows().size());
    assertEquals(0, s.nic.neighbors(false).rows().size());
  }

  @Test
  void whoAsksIsAnsweredAndRememberedRfc4861Section723Rfc826() {
    IpAddress group = HOST6.solicitedNode();
    int type = Icmp6.NEIGHBOR_SOLICITATION;
    byte[] m = ndp(PEER6, group, type, 0, bytes(HOST6), linkOption(1, PEER_MAC));
    s.in(ethernet(MacAddress.ofMulticast(group), PEER_MAC, Ethernet.TYPE_IPV6, m));
    byte[] f = s.out();
    assertEquals(PEER_MAC.value(), Ethernet.destination(f, 0));
    assertEquals(
        new Ndp.NeighborAdvertisement(HOST6, MAC, false, true, true),
        Ndp.parse(f, 54, f.length - 54));
    assertEquals(NeighborState.STALE, state(true));
    int peer = PEER4.intValue();
    int host = HOST4.intValue();
    arp(
        new ArpPacket(ArpPacket.REQUEST, PEER_MAC, peer, MacAddress.ZERO, host),
        MacAddress.BROADCAST);
    f = s.out();
    assertEquals(
        new ArpPacket(ArpPacket.REPLY, MAC, host, PEER_MAC, peer),
        ArpPacket.parse(f, 14, f.length - 14));
    assertEquals(NeighborState.STALE, state(false));
    // RFC 5227 section 2.1.1: a probe has no sender address and leaves no entry.
    arp(new ArpPacket(ArpPacket.REQUEST, OTHER, 0, MacAddress.ZERO, host), MacAddress.BROADCAST);
    check(s.waiting() == 1);
    assertEquals(1, s.nic.neighbors(false).rows().size());
  }

  @Test
  void whatCrossedARouterIsIgnoredRfc4861Section71() {
    byte[] body = Packets.join(bytes(HOST6), linkOption(1, PEER_MAC));
    byte[] m = Packets.icmp6(PEER6, HOST6, Icmp6.NEIGHBOR_SOLICITATION, 0, 0, body);
    s.in(ethernet(MAC, PEER_MAC, Ethernet.TYPE_IPV6, Packets.ipv6(PEER6, HOST6, 58, 254, m)));
    s.silent();
    assertEquals(0, s.nic.neighbors(true).rows().size());
  }

  @Test
  void aFloodOfAddressesIsBounded() {
    for (int i = 0; i < 5000; i++) {
      int from = 0x0a00_0000 | i + 1000;
      arp(
          new ArpPacket(ArpPacket.REQUEST, PEER_MAC, from, MacAddress.ZERO, HOST4.intValue()),
          MacAddress.BROADCAST);
      check(s.send(IpAddress.v6(HOST6.hi(), 0x1_0000 + i), data(8)));
    }
    check(s.nic.neighbors(false).rows().size() <= 1024);
    check(s.nic.neighbors(true).rows().size() <= 1024);
    check(s.pool.outstanding() <= 1024);
    s.forgetSent();
    resolve(true);
  }
}
