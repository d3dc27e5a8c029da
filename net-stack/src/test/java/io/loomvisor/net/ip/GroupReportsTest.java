package io.loomvisor.net.ip;

import static io.loomvisor.net.ip.Packets.bytes;
import static io.loomvisor.net.ip.Packets.ethernet;
import static io.loomvisor.net.ip.Packets.hex;
import static io.loomvisor.net.ip.Packets.icmp6;
import static io.loomvisor.net.ip.Packets.ipv4;
import static io.loomvisor.net.ip.Packets.ipv6;
import static io.loomvisor.net.ip.Packets.join;
import static io.loomvisor.net.ip.Packets.slice;
import static io.loomvisor.net.ip.Station.HOST4;
import static io.loomvisor.net.ip.Station.PEER4;
import static io.loomvisor.net.ip.Station.PEER_MAC;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.Igmp;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.MacAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What multicast routers hear of this host (RFC 3376, RFC 3810 and their older versions). */
final class GroupReportsTest {
  private static final IpAddress G4 = IpAddress.parse("239.1.2.3");
  private static final IpAddress H4 = IpAddress.parse("239.1.2.4");
  private static final IpAddress G6 = IpAddress.parse("ff15::abc");
  private static final IpAddress ROUTER6 = IpAddress.parse("fe80::2");
  private static final IpAddress SELF6 = IpAddress.parse("fe80::1");
  private static final IpAddress ALL_REPORTS6 = IpAddress.parse("ff02::16");
  private static final byte[] ALERT6 = hex("3a 00 05 02 00 00 01 00");
  private static final int IS_INCLUDE = 1;
  private static final int IS_EXCLUDE = 2;
  private static final int TO_INCLUDE = 3;
  private static final int TO_EXCLUDE = 4;
  private final Station s = Station.onEthernet(false);

  @BeforeEach
  void addresses() {
    s.ip.addAddress(s.nic, HOST4, 24);
    s.ip.addAddress(s.nic, SELF6, 64);
    s.clock.advance(Clock.SECOND);
    s.reports.clear();
  }

  @AfterEach
  void sound() {
    s.clock.advance(30 * Clock.SECOND);
    s.sound();
    s.silent();
  }

  /** The next IGMP message, with its packet's header checked. */
  private byte[] igmp(IpAddress to) {
    byte[] f = s.reports.remove();
    assertEquals(MacAddress.ofMulticast(to).value(), Ethernet.destination(f, 0));
    byte[] p = slice(f, 14, f.length);
    assertTrue(Ipv4.checksumValid(p, 0));
    assertEquals(1, Ipv4.ttl(p, 0));
    assertEquals(HOST4, IpAddress.read(p, 12, false));
    assertEquals(to, IpAddress.read(p, 16, false));
    // RFC 2113: router alert.
    assertArrayEquals(hex("94 04 00 00"), slice(p, 20, 24));
    assertTrue(Igmp.check(p, 24, p.length - 24));
    return slice(p, 24, p.length);
  }

  private byte[] mld(IpAddress from, IpAddress to) {
    byte[] f = s.reports.remove();
    assertEquals(MacAddress.ofMulticast(to).value(), Ethernet.destination(f, 0));
    byte[] p = slice(f, 14, f.length);
    assertEquals(1, p[7]);
    assertEquals(from, IpAddress.read(p, 8, true));
    assertEquals(to, IpAddress.read(p, 24, true));
    assertArrayEquals(ALERT6, slice(p, 40, 48));
    assertTrue(Icmp6.check(p, 48, p.length - 48, from, to));
    return slice(p, 48, p.length);
  }

  private void expect4(int type, IpAddress group, IpAddress... sources) {
    byte[] m = igmp(Igmp.ALL_V3_ROUTERS);
    byte[] record = join(new byte[] {(byte) type, 0, 0, (byte) sources.length}, bytes(group));
    for (IpAddress a : sources) {
      record = join(record, bytes(a));
    }
    assertEquals(Igmp.V3_REPORT, m[0]);
    assertArrayEquals(join(hex("00 00 00 01"), record), slice(m, 4, m.length));
  }

  private void expect6(int type, IpAddress group) {
    byte[] m = mld(SELF6, ALL_REPORTS6);
    assertEquals((byte) Icmp6.MLD2_REPORT, m[0]);
    byte[] record = join(new byte[] {(byte) type, 0, 0, 0}, bytes(group));
    assertArrayEquals(join(hex("00 00 00 01"), record), slice(m, 4, m.length));
  }

  private void query4(String codeAndGroup, IpAddress group, byte[] rest) {
    byte[] m = join(hex("11 " + codeAndGroup + " 00 00"), bytes(group), rest);
    int sum = Checksum.finish(Checksum.add(0, m, 0, m.length));
    Bytes.put16(m, 2, sum);
    IpAddress to = group.isUnspecified() ? IpAddress.ALL_HOSTS4 : group;
    byte[] p = ipv4(PEER4, to, IpProtocol.IGMP, 1, 0, hex("94 04 00 00"), m);
    s.in(ethernet(MacAddress.ofMulticast(to), PEER_MAC, Ethernet.TYPE_IPV4, p));
  }

  private void query6(IpAddress from, int hops, int delay, IpAddress group, byte[] rest) {
    IpAddress to = group.isUnspecified() ? IpAddress.ALL_NODES6 : group;
    byte[] m = icmp6(from, to, Icmp6.MLD_QUERY, 0, delay << 16, bytes(group), rest);
    byte[] p = ipv6(from, to, IpProtocol.HOP_BY_HOP, hops, ALERT6, m);
    s.in(ethernet(MacAddress.ofMulticast(to), PEER_MAC, Ethernet.TYPE_IPV6, p));
  }

  private void joined(IpAddress... groups) {
    for (IpAddress g : groups) {
      s.ip.join(s.nic, g);
    }
    s.clock.advance(10 * Clock.SECOND);
    s.reports.clear();
  }

  @Test
  void aJoinIsSaidTwiceAndSoIsALeaveRfc3376Section51Rfc3810Section61() {
    s.ip.join(s.nic, G4);
    expect4(TO_EXCLUDE, G4);
    s.ip.join(s.nic, G6);
    expect6(TO_EXCLUDE, G6);
    assertEquals(0, s.reports.size());
    s.clock.advance(Clock.SECOND);
    assertEquals(2, s.reports.size());
    s.reports.clear();
    // Another member changes nothing, and neither does one of two that leaves.
    s.ip.join(s.nic, G4);
    s.ip.leave(s.nic, G4);
    s.clock.advance(5 * Clock.SECOND);
    assertEquals(0, s.reports.size());
    s.ip.leave(s.nic, G4);
    expect4(TO_INCLUDE, G4);
    s.clock.advance(Clock.SECOND);
    expect4(TO_INCLUDE, G4);
    s.ip.leave(s.nic, G6);
    expect6(TO_INCLUDE, G6);
    s.clock.advance(10 * Clock.SECOND);
    expect6(TO_INCLUDE, G6);
    assertEquals(0, s.reports.size());
  }

  @Test
  void whatEverybodyHasJoinedIsNotReportedRfc3376Section5Rfc3810Section6() {
    s.ip.join(s.nic, IpAddress.ALL_HOSTS4);
    s.ip.join(s.nic, IpAddress.ALL_NODES6);
    s.ip.join(s.nic, IpAddress.parse("ff01::5"));
    s.clock.advance(5 * Clock.SECOND);
    assertEquals(0, s.reports.size());
  }

  @Test
  void anAddressJoinsItsSolicitedNodeGroupRfc4862Section542() {
    IpAddress a = IpAddress.parse("fd00::12:3456");
    s.ip.addAddress(s.nic, a, 64);
    s.ip.addAddress(s.nic, a, 64);
    expect6(TO_EXCLUDE, a.solicitedNode());
    s.clock.advance(5 * Clock.SECOND);
    expect6(TO_EXCLUDE, a.solicitedNode());
    s.ip.removeAddress(s.nic, a);
    expect6(TO_INCLUDE, a.solicitedNode());
  }

  @Test
  void whileThereIsNoAddressReportsHaveNoneAndAreRepeatedRfc3590() {
    Station t = Station.onEthernet(true);
    t.ip.addAddress(t.nic, SELF6, 64);
    byte[] f = t.reports.remove();
    assertEquals(IpAddress.ANY6, IpAddress.read(f, 22, true));
    t.clock.advance(3 * Clock.SECOND);
    f = t.reports.removeLast();
    assertEquals(SELF6, IpAddress.read(f, 22, true));
  }

  @Test
  void aGeneralQueryIsAnsweredOnceInTimeRfc3376Section52() {
    joined(G4, H4);
    query4("64", IpAddress.ANY4, hex("02 7d 00 00"));
    query4("64", IpAddress.ANY4, hex("02 7d 00 00"));
    s.clock.advance(10 * Clock.SECOND);
    byte[] m = igmp(Igmp.ALL_V3_ROUTERS);
    assertEquals(0, s.reports.size());
    assertEquals(2, m[7]);
    List<IpAddress> groups = new ArrayList<>();
    for (int at = 8; at < m.length; at += 8) {
      assertEquals(IS_EXCLUDE, m[at]);
      groups.add(IpAddress.read(m, at + 4, false));
    }
    assertTrue(groups.containsAll(List.of(G4, H4)));
  }

  @Test
  void aQueryForAGroupIsAnsweredByMembersRfc3376Section52Rfc3810Section62() {
    joined(G4, G6);
    query4("0a", G4, hex("02 7d 00 00"));
    s.clock.advance(Clock.SECOND);
    expect4(IS_EXCLUDE, G4);
    query4("0a", H4, hex("02 7d 00 00"));
    query6(ROUTER6, 1, 1000, G6, hex("02 7d 00 00"));
    s.clock.advance(Clock.SECOND);
    expect6(IS_EXCLUDE, G6);
    assertEquals(0, s.reports.size());
  }

  @Test
  void aQueryForSourcesIsAnsweredForThoseRfc3376Section52() {
    joined(G4);
    IpAddress one = IpAddress.parse("10.0.0.5");
    IpAddress two = IpAddress.parse("10.0.0.6");
    query4("0a", G4, join(hex("02 7d 00 01"), bytes(one)));
    s.clock.advance(Clock.SECOND);
    expect4(IS_INCLUDE, G4, one);
    // Before the answer another asks for more, and a third for all.
    query4("64", G4, join(hex("02 7d 00 01"), bytes(one)));
    query4("64", G4, join(hex("02 7d 00 01"), bytes(two)));
    s.clock.advance(10 * Clock.SECOND);
    assertEquals(1, s.reports.size());
    s.reports.clear();
    query4("64", G4, join(hex("02 7d 00 01"), bytes(one)));
    query4("64", G4, hex("02 7d 00 00"));
    s.clock.advance(10 * Clock.SECOND);
    assertTrue(s.reports.size() == 1);
    expect4(IS_EXCLUDE, G4);
  }

  @Test
  void manyGroupsAreSplitOverReportsRfc3376Section42() {
    for (int i = 0; i < 500; i++) {
      s.ip.join(s.nic, IpAddress.v4(0xef02_0000 + i));
    }
    s.clock.advance(10 * Clock.SECOND);
    s.reports.clear();
    query4("64", IpAddress.ANY4, hex("02 7d 00 00"));
    s.clock.advance(10 * Clock.SECOND);
    int records = 0;
    while (!s.reports.isEmpty()) {
      byte[] m = igmp(Igmp.ALL_V3_ROUTERS);
      assertTrue(m.length <= 1208);
      records += (m[6] & 255) << 8 | m[7] & 255;
    }
    assertEquals(500, records);
  }

  @Test
  void anOldRouterIsSpokenToInItsVersionRfc3376Section72() {
    joined(G4);
    query4("64", IpAddress.ANY4, new byte[0]);
    s.clock.advance(10 * Clock.SECOND);
    assertArrayEquals(join(hex("16 00"), bytes(G4)), withoutSum(igmp(G4)));
    s.ip.join(s.nic, H4);
    assertArrayEquals(join(hex("16 00"), bytes(H4)), withoutSum(igmp(H4)));
    s.clock.advance(10 * Clock.SECOND);
    assertArrayEquals(join(hex("16 00"), bytes(H4)), withoutSum(igmp(H4)));
    s.ip.leave(s.nic, H4);
    assertArrayEquals(join(hex("17 00"), bytes(H4)), withoutSum(igmp(Igmp.ALL_ROUTERS)));
    s.clock.advance(260 * Clock.SECOND);
    s.reports.clear();
    s.ip.join(s.nic, H4);
    expect4(TO_EXCLUDE, H4);
  }

  @Test
  void theOldestRouterHearsNoLeavesRfc1112() {
    joined(G4);
    query4("00", IpAddress.ANY4, new byte[0]);
    s.clock.advance(10 * Clock.SECOND);
    assertArrayEquals(join(hex("12 00"), bytes(G4)), withoutSum(igmp(G4)));
    s.ip.leave(s.nic, G4);
    s.clock.advance(10 * Clock.SECOND);
    assertEquals(0, s.reports.size());
  }

  @Test
  void anotherHostsOldReportIsEnoughRfc2236Section3() {
    joined(G4);
    query4("64", IpAddress.ANY4, new byte[0]);
    byte[] p = ipv4(PEER4, G4, IpProtocol.IGMP, Igmp.message(Igmp.V2_REPORT, G4));
    s.in(ethernet(MacAddress.ofMulticast(G4), PEER_MAC, Ethernet.TYPE_IPV4, p));
    s.clock.advance(10 * Clock.SECOND);
    assertEquals(0, s.reports.size());
  }

  @Test
  void anOldMldRouterIsSpokenToInItsVersionRfc3810Section8() {
    joined(G6);
    query6(ROUTER6, 1, 1000, G6, new byte[0]);
    s.clock.advance(Clock.SECOND);
    byte[] m = mld(SELF6, G6);
    assertEquals((byte) Icmp6.MLD_REPORT, m[0]);
    assertEquals(G6, IpAddress.read(m, 8, true));
    s.ip.leave(s.nic, G6);
    m = mld(SELF6, IpAddress.ALL_ROUTERS6);
    assertEquals((byte) Icmp6.MLD_DONE, m[0]);
    s.clock.advance(20 * Clock.SECOND);
  }

  @Test
  void queriesFromElsewhereAreIgnoredRfc3810Section62() {
    joined(G6);
    byte[] v2 = hex("02 7d 00 00");
    query6(Station.PEER6, 1, 1000, G6, v2);
    query6(ROUTER6, 64, 1000, G6, v2);
    query6(ROUTER6, 1, 1000, G6, hex("00 00"));
    IpAddress to = G6;
    byte[] m = icmp6(ROUTER6, to, Icmp6.MLD_QUERY, 0, 1000 << 16, bytes(G6), v2);
    byte[] p = ipv6(ROUTER6, to, IpProtocol.ICMPV6, 1, m);
    s.in(ethernet(MacAddress.ofMulticast(to), PEER_MAC, Ethernet.TYPE_IPV6, p));
    s.clock.advance(10 * Clock.SECOND);
    assertEquals(0, s.reports.size());
  }

  @Test
  void aFloodOfQueriesIsAnsweredOnce() {
    joined(G4);
    for (int i = 0; i < 10_000; i++) {
      query4("64", i % 2 == 0 ? G4 : IpAddress.ANY4, hex("02 7d 00 00"));
    }
    assertTrue(s.clock.pending() < 10);
    s.clock.advance(20 * Clock.SECOND);
    assertTrue(s.reports.size() <= 2);
  }

  private static byte[] withoutSum(byte[] m) {
    return join(slice(m, 0, 2), slice(m, 4, m.length));
  }
}
