package io.loomvisor.net.ip;

import static io.loomvisor.net.ip.Packets.data;
import static io.loomvisor.net.ip.Packets.hex;
import static io.loomvisor.net.ip.Packets.icmp4;
import static io.loomvisor.net.ip.Packets.icmp6;
import static io.loomvisor.net.ip.Packets.ipv4;
import static io.loomvisor.net.ip.Packets.ipv6;
import static io.loomvisor.net.ip.Packets.slice;
import static io.loomvisor.net.ip.Station.HOST4;
import static io.loomvisor.net.ip.Station.HOST6;
import static io.loomvisor.net.ip.Station.PEER4;
import static io.loomvisor.net.ip.Station.PEER6;
import static io.loomvisor.net.ip.Station.PROTOCOL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.Icmp4;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** ICMP of both versions: echo, what is reported and what is not, and how much of it. */
final class IcmpTest {
  private static final int ICMP = IpProtocol.ICMP;
  private static final int REST = 0x1234_0007;
  private final Station s = Station.onIp();

  @AfterEach
  void sound() {
    s.clock.advance(120 * Clock.SECOND);
    s.sound();
  }

  @Test
  void anEchoComesBackUnchangedRfc792Rfc4443Section42() {
    for (int n : new int[] {0, 1, 56, 1400}) {
      s.in(ipv4(PEER4, HOST4, ICMP, icmp4(Icmp4.ECHO_REQUEST, 0, REST, data(n))));
      byte[] r = s.out();
      assertEquals(PEER4, IpAddress.read(r, 16, false));
      assertEquals(HOST4, IpAddress.read(r, 12, false));
      assertTrue(Ipv4.checksumValid(r, 0));
      assertArrayEquals(icmp4(Icmp4.ECHO_REPLY, 0, REST, data(n)), slice(r, 20, r.length));
      byte[] six = icmp6(PEER6, HOST6, Icmp6.ECHO_REQUEST, 0, REST, data(n));
      s.in(ipv6(PEER6, HOST6, IpProtocol.ICMPV6, 64, six));
      byte[] reply = icmp6(HOST6, PEER6, Icmp6.ECHO_REPLY, 0, REST, data(n));
      assertArrayEquals(ipv6(HOST6, PEER6, IpProtocol.ICMPV6, 64, reply), s.out());
    }
    assertEquals(4, s.mib.get(Counter.Icmp_InEchos));
    assertEquals(4, s.mib.get(Counter.Icmp_OutEchoReps));
    assertEquals(4, s.mib.get(Counter.Icmp6_OutEchoReplies));
  }

  @Test
  void aLargeEchoIsReassembledAndFragmentedRfc1122Section3226() {
    byte[] message = icmp4(Icmp4.ECHO_REQUEST, 0, REST, data(3000));
    int more = Ipv4.MORE_FRAGMENTS;
    byte[] none = new byte[0];
    s.in(ipv4(PEER4, HOST4, ICMP, 5, more, none, slice(message, 0, 1480)));
    s.in(ipv4(PEER4, HOST4, ICMP, 5, more | 185, none, slice(message, 1480, 2960)));
    s.in(ipv4(PEER4, HOST4, ICMP, 5, 370, none, slice(message, 2960, message.length)));
    byte[] expected = icmp4(Icmp4.ECHO_REPLY, 0, REST, data(3000));
    for (int at = 0; at < expected.length; at += 1480) {
      byte[] f = s.out();
      assertEquals(at, Ipv4.fragmentOffset(f, 0));
      int end = Math.min(at + 1480, expected.length);
      assertArrayEquals(slice(expected, at, end), slice(f, 20, f.length));
    }
    s.silent();
  }

  @Test
  void anEchoToAllIsIgnoredButOneToAnIpv6GroupAnswered() {
    // Linux: icmp_echo_ignore_broadcasts (RFC 1122 section 3.2.2.6).
    byte[] echo = icmp4(Icmp4.ECHO_REQUEST, 0, REST, data(8));
    s.in(ipv4(PEER4, IpAddress.parse("10.0.0.255"), ICMP, echo));
    s.in(ipv4(PEER4, IpAddress.parse("224.0.0.1"), ICMP, echo));
    s.silent();
    IpAddress all = IpAddress.ALL_NODES6;
    byte[] six = icmp6(PEER6, all, Icmp6.ECHO_REQUEST, 0, REST, data(8));
    s.in(ipv6(PEER6, all, IpProtocol.ICMPV6, 64, six));
    assertEquals(HOST6, IpAddress.read(s.out(), 8, true));
  }

  @Test
  void aDamagedOrShortMessageIsDroppedAndCounted() {
    byte[] m = icmp4(Icmp4.ECHO_REQUEST, 0, REST, data(8));
    m[9] ^= 1;
    s.in(ipv4(PEER4, HOST4, ICMP, m));
    s.in(ipv4(PEER4, HOST4, ICMP, hex("08 00 f7 ff")));
    byte[] six = icmp6(PEER6, HOST6, Icmp6.ECHO_REQUEST, 0, REST, data(8));
    six[9] ^= 1;
    s.in(ipv6(PEER6, HOST6, IpProtocol.ICMPV6, 64, six));
    s.silent();
    assertEquals(1, s.mib.get(Counter.Icmp_InCsumErrors));
    assertEquals(1, s.mib.get(Counter.Icmp_InErrors));
    assertEquals(1, s.mib.get(Counter.Icmp6_InCsumErrors));
  }

  @Test
  void aMalformedOptionIsAParameterProblemRfc1122Section3225() {
    for (String options : new String[] {"01 07 01 00", "01 07 04 00", "01 01 01 07"}) {
      byte[] p = ipv4(PEER4, HOST4, PROTOCOL, 1, 0, hex(options), data(8));
      s.in(p);
      byte[] m = s.out();
      assertEquals(Icmp4.PARAMETER_PROBLEM, Icmp4.type(m, 20));
      assertEquals(0, Icmp4.code(m, 20));
      assertEquals(options.startsWith("01 07") ? 21 << 24 : 23 << 24, Icmp4.rest(m, 20));
      assertArrayEquals(p, slice(m, 28, m.length));
    }
    assertEquals(0, s.delivered.size());
    // Harmless ones pass, a source route is dropped without a word (RFC 7126 section 4.3).
    s.in(ipv4(PEER4, HOST4, PROTOCOL, 1, 0, hex("94 04 00 00"), data(8)));
    s.in(ipv4(PEER4, HOST4, PROTOCOL, 1, 0, hex("01 83 03 04"), data(8)));
    s.silent();
    assertEquals(1, s.delivered.size());
  }

  @Test
  void nothingIsReportedAboutGroupsLaterFragmentsOrErrorsRfc1122Section322() {
    byte[] none = new byte[0];
    s.in(ipv4(PEER4, IpAddress.parse("10.0.0.255"), 254, data(8)));
    s.in(ipv4(PEER4, IpAddress.parse("224.0.0.1"), 254, data(8)));
    s.in(ipv4(IpAddress.ANY4, HOST4, 254, data(8)));
    s.in(ipv4(IpAddress.parse("240.0.0.1"), HOST4, 254, data(8)));
    byte[] bad = hex("07 01 00 00");
    s.in(ipv4(PEER4, HOST4, PROTOCOL, 1, 10, bad, data(8)));
    byte[] error = icmp4(Icmp4.UNREACHABLE, 1, 0, data(28));
    s.in(ipv4(PEER4, HOST4, ICMP, 1, 0, bad, error));
    s.silent();
    s.in(ipv4(PEER4, HOST4, ICMP, 1, 0, bad, icmp4(Icmp4.ECHO_REQUEST, 0, 0, none)));
    assertEquals(Icmp4.PARAMETER_PROBLEM, Icmp4.type(s.out(), 20));
  }

  @Test
  void errorsAreLimitedRfc1812Section4328Rfc4443Section24() {
    for (int i = 0; i < 500; i++) {
      s.in(ipv4(PEER4, HOST4, 254, data(8)));
      s.in(ipv6(PEER6, HOST6, 254, 64, data(8)));
    }
    // Linux's icmp_msgs_burst for each version; then one more for each millisecond.
    assertEquals(100, s.waiting());
    assertEquals(450, s.mib.get(Counter.Icmp_OutRateLimitGlobal));
    assertEquals(450, s.mib.get(Counter.Icmp6_OutRateLimitHost));
    s.forgetSent();
    s.clock.advance(10 * Clock.MILLISECOND);
    for (int i = 0; i < 500; i++) {
      s.in(ipv4(PEER4, HOST4, 254, data(8)));
      s.in(ipv6(PEER6, HOST6, 254, 64, data(8)));
    }
    assertEquals(20, s.waiting());
    s.forgetSent();
    // Echo is not an error.
    for (int i = 0; i < 500; i++) {
      s.in(ipv4(PEER4, HOST4, ICMP, icmp4(Icmp4.ECHO_REQUEST, 0, i, data(8))));
    }
    assertEquals(500, s.waiting());
  }

  @Test
  void anErrorIsForWhomItQuotesRfc1122Section322() {
    byte[] mine = ipv4(HOST4, PEER4, PROTOCOL, data(8));
    s.in(ipv4(PEER4, HOST4, ICMP, icmp4(Icmp4.UNREACHABLE, 1, 0, mine)));
    assertEquals(IcmpError.Kind.HOST_UNREACHABLE, s.errors.removeFirst().kind());
    s.in(ipv4(PEER4, HOST4, ICMP, icmp4(Icmp4.PARAMETER_PROBLEM, 0, 20 << 24, mine)));
    assertEquals(IcmpError.Kind.PARAMETER_PROBLEM, s.errors.removeFirst().kind());
    // Not one of ours, not a whole quote, not a first fragment.
    byte[] other = ipv4(PEER4, HOST4, PROTOCOL, data(8));
    s.in(ipv4(PEER4, HOST4, ICMP, icmp4(Icmp4.UNREACHABLE, 1, 0, other)));
    s.in(ipv4(PEER4, HOST4, ICMP, icmp4(Icmp4.UNREACHABLE, 1, 0, slice(mine, 0, 27))));
    byte[] later = ipv4(HOST4, PEER4, PROTOCOL, 1, 10, new byte[0], data(8));
    s.in(ipv4(PEER4, HOST4, ICMP, icmp4(Icmp4.UNREACHABLE, 1, 0, later)));
    assertEquals(0, s.errors.size());
    byte[] six = ipv6(HOST6, PEER6, PROTOCOL, 64, data(8));
    byte[] problem = icmp6(PEER6, HOST6, Icmp6.PARAMETER_PROBLEM, 1, 6, six);
    s.in(ipv6(PEER6, HOST6, IpProtocol.ICMPV6, 64, problem));
    assertEquals(IcmpError.Kind.PROTOCOL_UNREACHABLE, s.errors.removeFirst().kind());
  }
}
