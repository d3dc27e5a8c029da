package io.loomvisor.net.ip;

import static io.loomvisor.net.ip.Packets.bytes;
import static io.loomvisor.net.ip.Packets.data;
import static io.loomvisor.net.ip.Packets.hex;
import static io.loomvisor.net.ip.Packets.ipv6;
import static io.loomvisor.net.ip.Packets.join;
import static io.loomvisor.net.ip.Station.HOST6;
import static io.loomvisor.net.ip.Station.PEER6;
import static io.loomvisor.net.ip.Station.PROTOCOL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv6;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** IPv6 extension headers, and the parameter problems that they cause (RFC 8200, RFC 4443). */
final class ExtensionHeaderTest {
  private static final IpAddress ALL_NODES = IpAddress.ALL_NODES6;
  private final Station s = Station.onIp();

  @AfterEach
  void sound() {
    s.sound();
  }

  /** An options header of eight bytes: what follows it, and its six bytes of options. */
  private static byte[] options(int next, String six) {
    return join(new byte[] {(byte) next, 0}, hex(six));
  }

  private void expectProblem(byte[] about, int code, int pointer) {
    byte[] m = s.out();
    assertEquals(IpProtocol.ICMPV6, Ipv6.nextHeader(m, 0));
    assertEquals(Icmp6.PARAMETER_PROBLEM, Icmp6.type(m, 40));
    assertEquals(code, Icmp6.code(m, 40));
    assertEquals(pointer, Icmp6.rest(m, 40));
    assertEquals(PEER6, IpAddress.read(m, 24, true));
    assertEquals(true, Icmp6.check(m, 40, m.length - 40, HOST6, PEER6));
    assertArrayEquals(about, Packets.slice(m, 48, m.length));
    s.silent();
    assertEquals(0, s.delivered.size());
  }

  @Test
  void headersAreWalkedUpToTheTransportRfc8200Section41() {
    s.in(
        ipv6(
            PEER6,
            HOST6,
            IpProtocol.HOP_BY_HOP,
            64,
            options(IpProtocol.DESTINATION_OPTIONS, "05 02 00 00 01 00"),
            options(IpProtocol.ROUTING, "01 04 00 00 00 00"),
            hex("3c 00 00 00 00 00 00 00"),
            options(PROTOCOL, "00 00 00 00 00 00"),
            data(20)));
    assertArrayEquals(data(20), s.delivered.getFirst());
  }

  @Test
  void theOrderOfHeadersIsFreeExceptForHopByHopRfc8200Section41() {
    byte[] p =
        ipv6(
            PEER6,
            HOST6,
            IpProtocol.DESTINATION_OPTIONS,
            64,
            options(IpProtocol.HOP_BY_HOP, "01 04 00 00 00 00"),
            options(PROTOCOL, "01 04 00 00 00 00"),
            data(4));
    s.in(p);
    // Code 1, pointing at the field that said so: the first octet of the destination options.
    expectProblem(p, Icmp6.PARAM_NEXT_HEADER, 40);
  }

  @Test
  void anUnknownHeaderIsReportedWhereItIsNamedRfc8200Section4() {
    byte[] plain = ipv6(PEER6, HOST6, 254, 64, data(4));
    s.in(plain);
    expectProblem(plain, Icmp6.PARAM_NEXT_HEADER, 6);
    byte[] behind =
        ipv6(
            PEER6,
            HOST6,
            IpProtocol.DESTINATION_OPTIONS,
            64,
            options(IpProtocol.DESTINATION_OPTIONS, "01 04 00 00 00 00"),
            options(254, "01 04 00 00 00 00"),
            data(4));
    s.in(behind);
    expectProblem(behind, Icmp6.PARAM_NEXT_HEADER, 48);
  }

  @Test
  void noNextHeaderIsNoErrorRfc8200Section47() {
    s.in(ipv6(PEER6, HOST6, IpProtocol.NONE, 64, data(100)));
    s.silent();
    assertEquals(0, s.delivered.size());
  }

  @Test
  void unknownOptionsDoWhatTheirHighBitsSayRfc8200Section42() {
    // 00: skip.
    s.in(optioned(HOST6, "1e 04 00 00 00 00"));
    assertEquals(1, s.delivered.size());
    s.delivered.clear();
    // 01: discard and say nothing.
    s.in(optioned(HOST6, "5e 04 00 00 00 00"));
    s.silent();
    assertEquals(0, s.delivered.size());
    // 10 and 11: report, pointing at the option.
    s.in(optioned(HOST6, "00 9e 03 00 00 00"));
    expectProblem(optioned(HOST6, "00 9e 03 00 00 00"), Icmp6.PARAM_OPTION, 43);
    s.in(optioned(HOST6, "de 04 00 00 00 00"));
    expectProblem(optioned(HOST6, "de 04 00 00 00 00"), Icmp6.PARAM_OPTION, 42);
    // To a group only 10 is reported.
    s.in(optioned(ALL_NODES, "de 04 00 00 00 00"));
    s.silent();
    s.in(optioned(ALL_NODES, "9e 04 00 00 00 00"));
    expectProblem(optioned(ALL_NODES, "9e 04 00 00 00 00"), Icmp6.PARAM_OPTION, 42);
  }

  private static byte[] optioned(IpAddress to, String six) {
    return ipv6(PEER6, to, IpProtocol.HOP_BY_HOP, 64, options(PROTOCOL, six), data(4));
  }

  @Test
  void anOptionThatDoesNotEndInsideItsHeaderIsDropped() {
    s.in(optioned(HOST6, "1e 05 00 00 00 00"));
    s.in(optioned(HOST6, "01 03 00 00 00 1e"));
    s.silent();
    assertEquals(0, s.delivered.size());
    assertEquals(2, s.mib.get(Counter.Ip6_InHdrErrors));
  }

  @Test
  void aHeaderThatDoesNotEndInsideThePacketIsDropped() {
    s.in(ipv6(PEER6, HOST6, IpProtocol.DESTINATION_OPTIONS, 64, hex("fd 01 01 04 00 00 00 00")));
    s.in(ipv6(PEER6, HOST6, IpProtocol.DESTINATION_OPTIONS, 64, hex("fd 00 01")));
    s.in(ipv6(PEER6, HOST6, IpProtocol.FRAGMENT, 64, hex("fd 00 00")));
    s.silent();
    assertEquals(0, s.delivered.size());
  }

  @Test
  void aRoutingHeaderWithSegmentsLeftIsRefusedRfc8200Section44Rfc5095() {
    byte[] done = hex("fd 00 00 00 00 00 00 00");
    s.in(ipv6(PEER6, HOST6, IpProtocol.ROUTING, 64, done, data(4)));
    assertEquals(1, s.delivered.size());
    s.delivered.clear();
    byte[] route = join(hex("fd 02 00 01 00 00 00 00"), bytes(IpAddress.parse("fd00::9")));
    byte[] p = ipv6(PEER6, HOST6, IpProtocol.ROUTING, 64, route, data(4));
    s.in(p);
    expectProblem(p, Icmp6.PARAM_HEADER_FIELD, 42);
  }

  @Test
  void aChainWithoutEndIsDropped() {
    byte[] chain = new byte[0];
    for (int i = 0; i < 100; i++) {
      chain = join(chain, options(IpProtocol.DESTINATION_OPTIONS, "01 04 00 00 00 00"));
    }
    s.in(ipv6(PEER6, HOST6, IpProtocol.DESTINATION_OPTIONS, 64, chain));
    s.silent();
    assertEquals(1, s.mib.get(Counter.Ip6_InHdrErrors));
  }

  @Test
  void nothingIsReportedToGroupsOrNobodyOrAboutErrorsRfc4443Section24() {
    IpAddress group = IpAddress.parse("ff02::99");
    s.in(ipv6(IpAddress.ANY6, HOST6, 254, 64, data(4)));
    s.in(ipv6(group, HOST6, 254, 64, data(4)));
    s.in(ipv6(PEER6, ALL_NODES, 254, 64, data(4)));
    byte[] error = Packets.icmp6(PEER6, HOST6, Icmp6.UNREACHABLE, 0, 0, data(20));
    byte[] bad = options(IpProtocol.ICMPV6, "de 04 00 00 00 00");
    s.in(ipv6(PEER6, HOST6, IpProtocol.DESTINATION_OPTIONS, 64, bad, error));
    // The walk stops at the bad option, so here an error may be answered; the rest must be silent.
    assertEquals(1, s.waiting());
    byte[] m = s.out();
    assertEquals(Icmp6.PARAM_OPTION, Icmp6.code(m, 40));
    assertEquals(42, Bytes.i32(m, 44));
  }

  @Test
  void theQuoteFitsIntoTheLeastMtuRfc4443Section24() {
    s.in(ipv6(PEER6, HOST6, 254, 64, data(1400)));
    byte[] m = s.out();
    assertEquals(Ipv6.MIN_MTU, m.length);
    assertEquals(true, Icmp6.check(m, 40, m.length - 40, HOST6, PEER6));
  }
}
