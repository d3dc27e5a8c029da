package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.wire.Icmp4;
import io.loomvisor.net.wire.IpAddress;
import org.junit.jupiter.api.Test;

/** ICMP and path MTU (RFC 1191, RFC 5927, RFC 1122 section 4.2.3.9). */
final class PathTest {
  private final Script s = new Script();

  private TcpEndpoint sent() {
    TcpEndpoint e = s.accepted("mss 1460", 65_535);
    s.write(e, 2920);
    s.out(". 1:1461(1460)");
    s.out(". 1461:2921(1460)");
    return e;
  }

  @Test
  void fragmentationNeededMakesSmallerSegmentsRfc1191Section64() {
    TcpEndpoint e = sent();
    s.icmp(Icmp4.UNREACHABLE, Icmp4.FRAGMENTATION_NEEDED, 1000, 1);
    s.out(". 1:961(960)");
    s.drop();
    s.in(". 1:1(0) ack 2921");
    s.write(e, 2000);
    s.out(". 2921:3881(960)");
    assertEquals(1000, e.getOption(SocketOption.IP_MTU));
  }

  @Test
  void anErrorAboutNothingInFlightIsIgnoredRfc5927Section41() {
    TcpEndpoint e = sent();
    s.icmp(Icmp4.UNREACHABLE, Icmp4.FRAGMENTATION_NEEDED, 1000, 100_000);
    s.icmp(Icmp4.UNREACHABLE, Icmp4.PORT_UNREACHABLE, 0, -5);
    s.nothing();
    assertEquals(1500, e.getOption(SocketOption.IP_MTU));
  }

  @Test
  void aTinyMtuIsNotBelievedRfc5927Section7() {
    TcpEndpoint e = sent();
    s.icmp(Icmp4.UNREACHABLE, Icmp4.FRAGMENTATION_NEEDED, 68, 1);
    assertEquals(552, e.getOption(SocketOption.IP_MTU));
  }

  @Test
  void hardErrorsDoNotEndAnEstablishedConnectionRfc5927Section52() {
    TcpEndpoint e = sent();
    s.icmp(Icmp4.UNREACHABLE, Icmp4.PORT_UNREACHABLE, 0, 1);
    s.icmp(Icmp4.UNREACHABLE, Icmp4.PROTOCOL_UNREACHABLE, 0, 1);
    assertEquals(State.ESTABLISHED, e.state());
    assertEquals(0, e.takeError());
  }

  @Test
  void givingUpReportsWhatIcmpSaidRfc1122Section4239() {
    TcpEndpoint e = sent();
    s.icmp(Icmp4.UNREACHABLE, Icmp4.HOST_UNREACHABLE, 0, 1);
    s.after(2_000_000);
    assertEquals(Errno.EHOSTUNREACH, e.takeError());
  }

  @Test
  void anErrorEndsAnAttemptAsLinuxDoes() {
    TcpEndpoint e = s.connecting();
    s.out("S 0:0(0)");
    s.icmp(Icmp4.UNREACHABLE, Icmp4.PORT_UNREACHABLE, 0, 0);
    assertEquals(Errno.ECONNREFUSED, e.takeError());
    assertEquals(State.CLOSED, e.state());
  }

  @Test
  void noRouteIsReportedAtOnceConnect2() {
    for (var r : s.ip.routes()) {
      s.ip.removeRoute(r);
    }
    assertEquals(-Errno.ENETUNREACH, s.tcp.open(false).connect(Script.PEER, 80));
    assertEquals(-Errno.ENETUNREACH, s.tcp.open(false).connect(IpAddress.parse("224.0.0.1"), 80));
  }

  @Test
  void afterTenMinutesAWiderPathIsTriedRfc1191Section63() {
    TcpEndpoint e = sent();
    s.icmp(Icmp4.UNREACHABLE, Icmp4.FRAGMENTATION_NEEDED, 1000, 1);
    s.drop();
    s.in(". 1:1(0) ack 2921");
    s.after(601_000);
    s.write(e, 2000);
    s.out(". 2921:4381(1460)");
  }

  @Test
  void aRouteByANarrowerInterfaceMakesSmallerSegments() {
    TcpEndpoint e = sent();
    var pipe = io.loomvisor.net.link.PipeLink.ip(900);
    var nic = s.ip.addNic("tun1", pipe[0]);
    s.ip.addRoute(io.loomvisor.net.ip.Route.onLink(Script.PEER, 32, nic.id()));
    java.util.List<Integer> sizes = new java.util.ArrayList<>();
    pipe[1].attach(
        p -> {
          sizes.add(p.length());
          p.release();
        });
    s.in(". 1:1(0) ack 1461");
    s.write(e, 5000);
    s.after(5000);
    s.sound();
    assertTrue(sizes.size() > 5);
    assertEquals(900, java.util.Collections.max(sizes));
  }
}
