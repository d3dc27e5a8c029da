package io.loomvisor.net.ip;

import static io.loomvisor.net.ip.Packets.bytes;
import static io.loomvisor.net.ip.Packets.ethernet;
import static io.loomvisor.net.ip.Packets.join;
import static io.loomvisor.net.ip.Packets.linkOption;
import static io.loomvisor.net.ip.Packets.ndp;
import static io.loomvisor.net.ip.Packets.prefixOption;
import static io.loomvisor.net.ip.Station.HOST6;
import static io.loomvisor.net.ip.Station.MAC;
import static io.loomvisor.net.ip.Station.PEER6;
import static io.loomvisor.net.ip.Station.PEER_MAC;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.MacAddress;
import io.loomvisor.net.wire.Ndp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Duplicate address detection and stateless autoconfiguration (RFC 4862). */
final class AutoconfigurationTest {
  private static final IpAddress LINK_LOCAL = IpAddress.parse("fe80::ff:fe00:1");
  private static final IpAddress ROUTER = IpAddress.parse("fe80::2");
  private static final IpAddress OFF_LINK = IpAddress.parse("2001:db8:ffff::1");
  private static final IpAddress GLOBAL = IpAddress.parse("2001:db8:1::ff:fe00:1");
  private static final String PREFIX = "2001:db8:1::/64";
  private static final int ON_LINK = 0x80;
  private static final int AUTONOMOUS = 0x40;
  private final Station s = Station.onEthernet(true);

  @AfterEach
  void sound() {
    s.sound();
  }

  private InterfaceAddress.State state(IpAddress a) {
    for (InterfaceAddress x : s.nic.addresses()) {
      if (x.address().equals(a)) {
        return x.state();
      }
    }
    return null;
  }

  private void in(byte[] packet) {
    MacAddress group = MacAddress.ofMulticast(IpAddress.read(packet, 24, true));
    boolean multicast = packet[24] == -1;
    s.in(ethernet(multicast ? group : MAC, PEER_MAC, Ethernet.TYPE_IPV6, packet));
  }

  /** The next neighbour discovery message that was sent, with its addresses checked. */
  private Ndp ndpOut(IpAddress from, IpAddress to) {
    byte[] p = s.outOfFrame();
    assertEquals(from, IpAddress.read(p, 8, true));
    assertEquals(to, IpAddress.read(p, 24, true));
    assertEquals(255, p[7] & 255);
    assertTrue(Icmp6.check(p, 40, p.length - 40, from, to));
    return Ndp.parse(p, 40, p.length - 40);
  }

  private void advertise(int lifetimeSeconds, byte[]... options) {
    byte[] times = new byte[8];
    byte[] link = linkOption(1, PEER_MAC);
    IpAddress all = IpAddress.ALL_NODES6;
    in(
        ndp(
            ROUTER,
            all,
            Icmp6.ROUTER_ADVERTISEMENT,
            64 << 24 | lifetimeSeconds,
            times,
            link,
            join(options)));
  }

  private void configured() {
    s.ip.autoconfigure(s.nic);
    s.clock.advance(Clock.SECOND);
    s.forgetSent();
  }

  @Test
  void anAddressIsTentativeUntilNobodyObjectsRfc4862Section542() {
    s.ip.addAddress(s.nic, HOST6, 64);
    Ndp m = ndpOut(IpAddress.ANY6, HOST6.solicitedNode());
    assertEquals(new Ndp.NeighborSolicitation(HOST6, null), m);
    assertEquals(InterfaceAddress.State.TENTATIVE, state(HOST6));
    assertFalse(s.ip.isLocal(HOST6));
    assertNull(s.ip.path(PEER6, null, 0));
    s.clock.advance(Clock.SECOND);
    s.silent();
    assertEquals(InterfaceAddress.State.PREFERRED, state(HOST6));
    assertTrue(s.ip.isLocal(HOST6));
    assertEquals(HOST6, s.ip.path(PEER6, null, 0).source());
  }

  @Test
  void somebodyWhoHasItEndsItRfc4862Section544() {
    s.ip.addAddress(s.nic, HOST6, 64);
    int flags = Ndp.OVERRIDE;
    byte[] link = linkOption(2, PEER_MAC);
    int type = Icmp6.NEIGHBOR_ADVERTISEMENT;
    in(ndp(HOST6, IpAddress.ALL_NODES6, type, flags, bytes(HOST6), link));
    assertNull(state(HOST6));
    s.clock.advance(2 * Clock.SECOND);
    assertNull(state(HOST6));
    assertFalse(s.ip.isLocal(HOST6));
    assertNull(s.ip.path(PEER6, null, 0));
  }

  @Test
  void somebodyWhoTriesItAtTheSameTimeEndsItRfc4862Section543() {
    s.ip.addAddress(s.nic, HOST6, 64);
    IpAddress group = HOST6.solicitedNode();
    int type = Icmp6.NEIGHBOR_SOLICITATION;
    // One who looks for it, with an address of its own, is ignored.
    in(ndp(PEER6, group, type, 0, bytes(HOST6), linkOption(1, PEER_MAC)));
    assertEquals(InterfaceAddress.State.TENTATIVE, state(HOST6));
    in(ndp(IpAddress.ANY6, group, type, 0, bytes(HOST6)));
    assertNull(state(HOST6));
  }

  @Test
  void anotherAddressWithTheSameGroupIsNotAffectedRfc4862Section543() {
    configured();
    advertise(0, prefixOption(PREFIX, AUTONOMOUS, 7200, 3600));
    assertEquals(InterfaceAddress.State.TENTATIVE, state(GLOBAL));
    s.forgetSent();
    // Both end in the same three bytes; the link-local one is ours and must be defended.
    int type = Icmp6.NEIGHBOR_SOLICITATION;
    in(ndp(ROUTER, LINK_LOCAL, type, 0, bytes(LINK_LOCAL), linkOption(1, PEER_MAC)));
    Ndp m = ndpOut(LINK_LOCAL, ROUTER);
    assertEquals(new Ndp.NeighborAdvertisement(LINK_LOCAL, MAC, false, true, true), m);
    in(ndp(IpAddress.ANY6, LINK_LOCAL.solicitedNode(), type, 0, bytes(LINK_LOCAL)));
    m = ndpOut(LINK_LOCAL, IpAddress.ALL_NODES6);
    assertEquals(new Ndp.NeighborAdvertisement(LINK_LOCAL, MAC, false, false, true), m);
    assertEquals(InterfaceAddress.State.TENTATIVE, state(GLOBAL));
  }

  @Test
  void routersAreAskedThreeTimesOnceTheLinkLocalAddressIsUniqueRfc4861Section637() {
    s.ip.autoconfigure(s.nic);
    ndpOut(IpAddress.ANY6, LINK_LOCAL.solicitedNode());
    s.silent();
    s.clock.advance(Clock.SECOND);
    for (int i = 0; i < 3; i++) {
      assertEquals(new Ndp.RouterSolicitation(MAC), ndpOut(LINK_LOCAL, IpAddress.ALL_ROUTERS6));
      s.silent();
      s.clock.advance(4 * Clock.SECOND);
    }
    s.silent();
  }

  @Test
  void anAnswerEndsTheQuestionsAndGivesARouteRfc4861Section634() {
    configured();
    advertise(1800);
    s.clock.advance(20 * Clock.SECOND);
    s.silent();
    assertEquals(ROUTER, s.ip.path(OFF_LINK, null, 0).nextHop());
    s.clock.advance(1781 * Clock.SECOND);
    assertNull(s.ip.path(OFF_LINK, null, 0));
    advertise(1800);
    assertNotNull(s.ip.path(OFF_LINK, null, 0));
    advertise(0);
    assertNull(s.ip.path(OFF_LINK, null, 0));
  }

  @Test
  void aRouterThatCallsItselfAHostIsNoRouterRfc4861Section725() {
    configured();
    advertise(1800);
    byte[] link = linkOption(2, PEER_MAC);
    int type = Icmp6.NEIGHBOR_ADVERTISEMENT;
    in(ndp(ROUTER, LINK_LOCAL, type, Ndp.SOLICITED | Ndp.ROUTER, bytes(ROUTER), link));
    assertNotNull(s.ip.path(OFF_LINK, null, 0));
    in(ndp(ROUTER, LINK_LOCAL, type, Ndp.SOLICITED, bytes(ROUTER), link));
    assertNull(s.ip.path(OFF_LINK, null, 0));
  }

  @Test
  void onlyLinkLocalRoutersAreBelievedRfc4861Section612() {
    configured();
    IpAddress all = IpAddress.ALL_NODES6;
    int type = Icmp6.ROUTER_ADVERTISEMENT;
    in(ndp(PEER6, all, type, 1800, new byte[8]));
    in(ndp(ROUTER, all, type, 1800, new byte[7]));
    in(ndp(ROUTER, all, type, 1800, new byte[8], new byte[8]));
    assertNull(s.ip.path(OFF_LINK, null, 0));
  }

  @Test
  void aPrefixMakesAnAddressThatIsDeprecatedAndThenEndsRfc4862Section554() {
    configured();
    advertise(1800, prefixOption(PREFIX, AUTONOMOUS, 300, 100));
    Ndp m = ndpOut(IpAddress.ANY6, GLOBAL.solicitedNode());
    assertEquals(new Ndp.NeighborSolicitation(GLOBAL, null), m);
    assertEquals(InterfaceAddress.State.TENTATIVE, state(GLOBAL));
    s.clock.advance(Clock.SECOND);
    assertEquals(InterfaceAddress.State.PREFERRED, state(GLOBAL));
    assertEquals(GLOBAL, s.ip.path(OFF_LINK, null, 0).source());
    s.clock.advance(100 * Clock.SECOND);
    assertEquals(InterfaceAddress.State.DEPRECATED, state(GLOBAL));
    s.clock.advance(200 * Clock.SECOND);
    assertNull(state(GLOBAL));
    assertFalse(s.ip.isLocal(GLOBAL));
  }

  @Test
  void whatIsNotPreferredIsDeprecatedFromTheStartRfc4862Section554() {
    configured();
    advertise(1800, prefixOption(PREFIX, AUTONOMOUS, 300, 0));
    s.clock.advance(Clock.SECOND);
    assertEquals(InterfaceAddress.State.DEPRECATED, state(GLOBAL));
  }

  @Test
  void aLifetimeIsNotCutBelowTwoHoursRfc4862Section553() {
    configured();
    advertise(1800, prefixOption(PREFIX, AUTONOMOUS, 100_000, 100_000));
    s.clock.advance(Clock.SECOND);
    advertise(1800, prefixOption(PREFIX, AUTONOMOUS, 1, 1));
    s.clock.advance(7199 * Clock.SECOND);
    assertEquals(InterfaceAddress.State.DEPRECATED, state(GLOBAL));
    // Less than two hours are left: one that is shorter yet says nothing about it.
    s.clock.advance(2 * Clock.SECOND);
    assertNull(state(GLOBAL));
    advertise(1800, prefixOption(PREFIX, AUTONOMOUS, 600, 600));
    advertise(1800, prefixOption(PREFIX, AUTONOMOUS, 10, 10));
    s.clock.advance(500 * Clock.SECOND);
    assertNotNull(state(GLOBAL));
    advertise(1800, prefixOption(PREFIX, AUTONOMOUS, 700, 700));
    s.clock.advance(200 * Clock.SECOND);
    assertEquals(InterfaceAddress.State.PREFERRED, state(GLOBAL));
  }

  @Test
  void badPrefixesMakeNoAddressRfc4862Section553() {
    configured();
    advertise(
        1800,
        prefixOption("fe80::/64", AUTONOMOUS | ON_LINK, 300, 100),
        prefixOption(PREFIX, AUTONOMOUS, 100, 300),
        prefixOption(PREFIX, AUTONOMOUS, 0, 0),
        prefixOption("2001:db8:1::/48", AUTONOMOUS, 300, 100),
        prefixOption(PREFIX, 0, 300, 100));
    assertEquals(1, s.nic.addresses().size());
    s.silent();
  }

  @Test
  void aPrefixIsOnLinkOnlyIfSaidAndUntilWithdrawnRfc4861Section634() {
    configured();
    IpAddress neighbor = IpAddress.parse("2001:db8:1::77");
    advertise(1800, prefixOption(PREFIX, AUTONOMOUS, 86_400, 86_400));
    s.clock.advance(Clock.SECOND);
    assertEquals(ROUTER, s.ip.path(neighbor, null, 0).nextHop());
    advertise(1800, prefixOption(PREFIX, ON_LINK, 600, 600));
    assertEquals(neighbor, s.ip.path(neighbor, null, 0).nextHop());
    s.clock.advance(601 * Clock.SECOND);
    assertEquals(ROUTER, s.ip.path(neighbor, null, 0).nextHop());
    advertise(1800, prefixOption(PREFIX, ON_LINK, 600, 600));
    advertise(1800, prefixOption(PREFIX, ON_LINK, 0, 0));
    assertEquals(ROUTER, s.ip.path(neighbor, null, 0).nextHop());
  }

  @Test
  void aRouterDoesNotConfigureItselfRfc4862Section4() {
    s.ip.forwarding(true);
    configured();
    advertise(1800, prefixOption(PREFIX, AUTONOMOUS | ON_LINK, 600, 600));
    assertEquals(1, s.nic.addresses().size());
    assertNull(s.ip.path(OFF_LINK, null, 0));
  }

  @Test
  void aFloodOfAdvertisementsIsBounded() {
    configured();
    for (int i = 0; i < 10_000; i++) {
      String prefix = "2001:db8:" + Integer.toHexString(i + 1) + "::/64";
      IpAddress router = IpAddress.v6(0xfe80L << 48, i + 2);
      byte[] option = prefixOption(prefix, AUTONOMOUS | ON_LINK, 3600, 1800);
      IpAddress all = IpAddress.ALL_NODES6;
      in(ndp(router, all, Icmp6.ROUTER_ADVERTISEMENT, 1800, new byte[8], option));
    }
    assertTrue(s.nic.addresses().size() <= 1 + RouterDiscovery.MAX_PER_INTERFACE);
    assertTrue(s.ip.routes().size() <= 2 + 2 * RouterDiscovery.MAX_PER_INTERFACE);
    assertTrue(s.clock.pending() <= 4 + RouterDiscovery.MAX_PER_INTERFACE);
    s.clock.advance(4000 * Clock.SECOND);
    assertEquals(1, s.nic.addresses().size());
    assertEquals(1, s.ip.routes().size());
    assertEquals(0, s.clock.pending());
  }
}
