package io.loomvisor.net.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.loomvisor.net.conntrack.Tuple;
import io.loomvisor.net.error.ErrorReport;
import io.loomvisor.net.filter.RuleSet;
import io.loomvisor.net.filter.RuleSetBuilder;
import io.loomvisor.net.filter.TableName;
import io.loomvisor.net.filter.action.Target;
import io.loomvisor.net.filter.match.AddressType;
import io.loomvisor.net.ip.Packets;
import io.loomvisor.net.raw.RawEndpoint;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.tcp.TcpEndpoint;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.udp.DatagramInfo;
import io.loomvisor.net.udp.UdpEndpoint;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Address translation between real hosts (RFC 4787, RFC 5382, RFC 5508). */
final class NatTest {
  private final Gateway g = new Gateway();

  @AfterEach
  void sound() {
    g.close();
  }

  private static RuleSetBuilder nat(boolean v6) {
    return (v6 ? RuleSet.ipv6() : RuleSet.ipv4()).table(TableName.NAT);
  }

  private void masquerade() {
    g.rules(nat(false).rule("POSTROUTING").out("eth0").masquerade().build());
    g.rules(nat(true).rule("POSTROUTING").out("eth0").masquerade().build());
  }

  @Test
  void masqueradedTcpReachesWhoKnowsNoWayBack() {
    masquerade();
    int port = 40_000;
    for (String to : new String[] {"192.0.2.9", "2001:db8::9"}) {
      port++;
      TcpEndpoint l = Gateway.listen(g.outside, 80);
      TcpEndpoint c = g.connect(g.first, port, to, 80);
      TcpEndpoint s = Gateway.accept(l);
      IpAddress outer = to.contains(":") ? Gateway.OUTER6 : Gateway.OUTER;
      assertEquals(outer, s.peerAddress().address().unmapped());
      assertEquals(port, s.peerAddress().port(), "the port stays (RFC 5382 REQ-7)");
      g.talk(c, s);
      c.close();
      s.close();
      l.close();
    }
  }

  @Test
  void portsThatCollideAreGivenOthers() {
    masquerade();
    TcpEndpoint l = Gateway.listen(g.outside, 80);
    TcpEndpoint c1 = g.connect(g.first, 40_000, "192.0.2.9", 80);
    TcpEndpoint c2 = g.connect(g.second, 40_000, "192.0.2.9", 80);
    TcpEndpoint s1 = Gateway.accept(l);
    TcpEndpoint s2 = Gateway.accept(l);
    assertEquals(40_000, s1.peerAddress().port());
    assertNotEquals(40_000, s2.peerAddress().port());
    g.talk(c1, s1);
    g.talk(c2, s2);
    // What the gateway itself opens does not collide either.
    TcpEndpoint own = g.connect(g.gateway, 40_000, "192.0.2.9", 80);
    TcpEndpoint s3 = Gateway.accept(l);
    g.talk(own, s3);
    for (TcpEndpoint e : new TcpEndpoint[] {c1, c2, s1, s2, s3, own, l}) {
      e.close();
    }
  }

  @Test
  void oneInsidePortIsOneOutsidePortForAllRfc4787Req1() {
    g.rules(nat(false).rule("POSTROUTING").out("eth0").snat("192.0.2.1").build());
    UdpEndpoint a = g.outside.udp().open(false);
    UdpEndpoint b = g.outside.udp().open(false);
    assertEquals(0, a.bind(Gateway.OUTSIDE, 53));
    assertEquals(0, b.bind(Gateway.OUTSIDE, 54));
    UdpEndpoint other = g.second.udp().open(false);
    assertEquals(0, other.bind(IpAddress.ANY4, 5001));
    other.send(Gateway.OUTSIDE, 53, new byte[1]);
    UdpEndpoint c = g.first.udp().open(false);
    assertEquals(0, c.bind(IpAddress.ANY4, 5001));
    c.send(Gateway.OUTSIDE, 53, new byte[1]);
    c.send(Gateway.OUTSIDE, 54, new byte[1]);
    g.clock.advance(Clock.MILLISECOND);
    assertEquals(5001, a.receive().port());
    int mapped = a.receive().port();
    assertNotEquals(5001, mapped);
    assertEquals(mapped, b.receive().port());
    assertEquals(1, mapped & 1, "an odd port stays odd (REQ-4)");
    // And back through it, from whom it was sent to.
    assertEquals(1, b.send(Gateway.OUTER, mapped, new byte[1]));
    g.clock.advance(Clock.MILLISECOND);
    assertNotNull(c.receive());
  }

  @Test
  void destinationsAreTranslatedAndRoutedAnew() {
    g.rules(
        nat(false)
            .chain("DOCKER")
            .rule("PREROUTING")
            .destinationType(AddressType.Type.LOCAL)
            .jump("DOCKER")
            .rule("DOCKER")
            .in("eth1")
            .goBack()
            .rule("DOCKER")
            .tcp()
            .port(8080)
            .dnat("10.0.1.2", 80)
            .build());
    TcpEndpoint l = Gateway.listen(g.first, 80);
    TcpEndpoint c = g.connect(g.outside, 0, "192.0.2.1", 8080);
    TcpEndpoint s = Gateway.accept(l);
    assertEquals(Gateway.OUTSIDE, s.peerAddress().address().unmapped());
    g.talk(c, s);
    assertEquals(Gateway.OUTER, c.peerAddress().address());
    c.close();
    s.close();
    l.close();
  }

  @Test
  void ownPacketsAreSentElsewhere() {
    g.rules(nat(false).rule("OUTPUT").destination("203.0.113.1").dnat("10.0.1.2", 80).build());
    TcpEndpoint l = Gateway.listen(g.first, 80);
    g.gateway.ip().addRoute(io.loomvisor.net.ip.Route.onLink(IpAddress.ANY4, 0, 2));
    TcpEndpoint c = g.connect(g.gateway, 0, "203.0.113.1", 8080);
    TcpEndpoint s = Gateway.accept(l);
    g.talk(c, s);
    c.close();
    s.close();
    l.close();
  }

  @Test
  void hairpinsReachTheHostBesideAndItself() {
    g.rules(
        nat(false)
            .rule("PREROUTING")
            .destination("192.0.2.1")
            .tcp()
            .port(80)
            .dnat("10.0.1.2", 8080)
            .rule("POSTROUTING")
            .source("10.0.0.0/16")
            .snat("192.0.2.1")
            .build());
    TcpEndpoint l = Gateway.listen(g.first, 8080);
    for (var from : new io.loomvisor.net.NetStack[] {g.second, g.first}) {
      TcpEndpoint c = g.connect(from, 0, "192.0.2.1", 80);
      TcpEndpoint s = Gateway.accept(l);
      assertEquals(Gateway.OUTER, s.peerAddress().address().unmapped(), "RFC 4787 REQ-9 (a)");
      g.talk(c, s);
      c.close();
      s.close();
    }
    l.close();
  }

  @Test
  void redirectionLeadsHereAndRemembersWhereTo() {
    g.rules(nat(false).rule("PREROUTING").in("eth1").tcp().port(80).redirect(15_001).build());
    TcpEndpoint l = Gateway.listen(g.gateway, 15_001);
    TcpEndpoint c = g.connect(g.first, 41_000, "192.0.2.9", 80);
    TcpEndpoint s = Gateway.accept(l);
    g.talk(c, s);
    Tuple wanted =
        g.gateway
            .firewall()
            .original(
                IpProtocol.TCP,
                IpAddress.parse("10.0.1.1"),
                15_001,
                IpAddress.parse("10.0.1.2"),
                41_000);
    assertEquals(Gateway.OUTSIDE, wanted.destination());
    assertEquals(80, wanted.destinationPort());
    c.close();
    s.close();
    l.close();
  }

  @Test
  void ownConnectionsAreRedirectedOverTheLoopback() {
    g.rules(nat(false).rule("OUTPUT").tcp().port(80).redirect(15_001).build());
    TcpEndpoint l = Gateway.listen(g.gateway, 15_001);
    TcpEndpoint c = g.connect(g.gateway, 0, "192.0.2.9", 80);
    TcpEndpoint s = Gateway.accept(l);
    g.talk(c, s);
    assertEquals(1, g.gateway.firewall().connectionCount());
    c.close();
    s.close();
    l.close();
  }

  @Test
  void errorsAboutTranslatedPacketsComeBackRfc5508Req4() {
    masquerade();
    for (IpAddress to : new IpAddress[] {Gateway.OUTSIDE, Gateway.OUTSIDE6}) {
      UdpEndpoint c = g.first.udp().open(to.v6());
      assertEquals(0, c.connect(to, 9));
      c.send(null, 0, new byte[10]);
      g.clock.advance(Clock.SECOND);
      assertEquals(Errno.ECONNREFUSED, c.takeError());
      TcpEndpoint t = g.connect(g.first, 0, to.toString(), 9);
      assertEquals(Errno.ECONNREFUSED, t.takeError());
    }
  }

  @Test
  void errorsAboutTranslatedDestinationsNameWhatWasAskedRfc5508Req5() {
    g.rules(nat(false).rule("PREROUTING").in("eth0").udp().dnat("10.0.1.2", 53).build());
    UdpEndpoint c = g.outside.udp().open(false);
    c.setOption(SocketOption.IP_RECVERR, 1);
    assertEquals(0, c.connect(Gateway.OUTER, 5353));
    c.send(null, 0, new byte[10]);
    g.clock.advance(Clock.SECOND);
    assertEquals(Errno.ECONNREFUSED, c.takeError());
    assertEquals(Gateway.OUTER, ((ErrorReport.FromNetwork) c.receiveError()).error().offender());
  }

  @Test
  void echoesFromTwoHostsWithOneIdentifierAreToldApartRfc5508Req1() {
    masquerade();
    RawEndpoint a = g.first.raw().openEcho(false);
    RawEndpoint b = g.second.raw().openEcho(false);
    assertEquals(0, a.bind(IpAddress.ANY4, 77));
    assertEquals(0, b.bind(IpAddress.ANY4, 77));
    byte[] one = Packets.icmp4(8, 0, 77 << 16 | 1, "one".getBytes());
    byte[] two = Packets.icmp4(8, 0, 77 << 16 | 1, "two".getBytes());
    assertEquals(one.length, a.send(Gateway.OUTSIDE, one, 0, one.length));
    assertEquals(two.length, b.send(Gateway.OUTSIDE, two, 0, two.length));
    g.clock.advance(Clock.MILLISECOND);
    byte[] got = new byte[100];
    assertEquals(11, a.receive(got, 0, 100, false, new DatagramInfo()));
    assertEquals('o', got[8]);
    assertEquals(77, got[5]);
    assertEquals(11, b.receive(got, 0, 100, false, new DatagramInfo()));
    assertEquals('t', got[8]);
    assertEquals(77, got[5]);
    assertEquals(-Errno.EAGAIN, a.receive(got, 0, 100, false, new DatagramInfo()));
  }

  @Test
  void largeDatagramsAreTranslatedWholeAndFragmentedAgain() {
    try (Gateway narrow = new Gateway(1280)) {
      narrow.rules(nat(false).rule("POSTROUTING").out("eth0").masquerade().build());
      narrow.rules(nat(true).rule("POSTROUTING").out("eth0").masquerade().build());
      for (IpAddress to : new IpAddress[] {Gateway.OUTSIDE, Gateway.OUTSIDE6}) {
        UdpEndpoint s = narrow.outside.udp().open(to.v6());
        assertEquals(0, s.bind(to, 53));
        UdpEndpoint c = narrow.first.udp().open(to.v6());
        c.setOption(SocketOption.IP_MTU_DISCOVER, 0);
        byte[] data = Packets.data(5000);
        for (int i = 0; i < 2; i++) {
          c.send(to, 53, data);
          narrow.clock.advance(Clock.SECOND);
        }
        UdpEndpoint.Datagram d = s.receive();
        assertNotNull(d, "to " + to);
        org.junit.jupiter.api.Assertions.assertArrayEquals(data, d.data());
        assertEquals(data.length, s.send(d.source(), d.port(), data));
        narrow.clock.advance(Clock.SECOND);
        assertNotNull(c.receive());
        c.close();
        s.close();
      }
    }
  }

  @Test
  void pathMtuIsLearnedThroughTranslation() {
    try (Gateway narrow = new Gateway(1280)) {
      narrow.rules(nat(false).rule("POSTROUTING").out("eth0").masquerade().build());
      TcpEndpoint l = Gateway.listen(narrow.outside, 80);
      TcpEndpoint c = narrow.connect(narrow.first, 0, "192.0.2.9", 80);
      TcpEndpoint s = Gateway.accept(l);
      narrow.talk(c, s);
      assertEquals(1280 - 52, c.getOption(SocketOption.TCP_MAXSEG));
      c.close();
      s.close();
      l.close();
    }
  }

  @Test
  void rulesThatGoLeaveConnectionsAndTakeNoNewOnes() {
    masquerade();
    TcpEndpoint l = Gateway.listen(g.outside, 80);
    TcpEndpoint c = g.connect(g.first, 0, "192.0.2.9", 80);
    TcpEndpoint s = Gateway.accept(l);
    g.rules(RuleSet.none(false));
    g.rules(RuleSet.none(true));
    g.talk(c, s);
    assertEquals(1, g.gateway.firewall().connectionCount());
    TcpEndpoint late = g.connect(g.first, 0, "192.0.2.9", 80);
    assertEquals(-Errno.EAGAIN, l.accept().error());
    late.close();
    c.close();
    s.close();
    g.clock.advance(200 * Clock.SECOND);
    assertEquals(0, g.gateway.firewall().connectionCount());
    l.close();
  }

  @Test
  void aPortRangeThatIsUsedUpDropsNewConnectionsOnly() {
    NatRange two = new NatRange(Gateway.OUTER, Gateway.OUTER, 7000, 7001, false, false);
    g.rules(nat(false).rule("POSTROUTING").out("eth0").target(new Target.Snat(two)).build());
    UdpEndpoint s = g.outside.udp().open(false);
    assertEquals(0, s.bind(Gateway.OUTSIDE, 53));
    UdpEndpoint[] c = new UdpEndpoint[3];
    for (int i = 0; i < 3; i++) {
      c[i] = g.first.udp().open(false);
      c[i].send(Gateway.OUTSIDE, 53, new byte[] {(byte) i});
      g.clock.advance(Clock.MILLISECOND);
    }
    assertEquals(7000 + 7001, s.receive().port() + s.receive().port());
    assertNull(s.receive());
    // RFC 4787 REQ-5: half a minute here, as long as nobody answers.
    g.clock.advance(31 * Clock.SECOND);
    c[2].send(Gateway.OUTSIDE, 53, new byte[1]);
    g.clock.advance(Clock.MILLISECOND);
    assertNotNull(s.receive());
  }
}
