package io.loomvisor.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.error.ErrorReport;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.tcp.TcpEndpoint;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.udp.UdpEndpoint;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.MacAddress;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Two hosts and two routers in a row; the link between the routers is narrower than those of the
 * hosts: host a (1500) router (1280) router (1500) host b.
 */
final class RouterTest {
  private final VirtualClock clock = new VirtualClock();
  private final PacketPool pool = new PacketPool();
  private final PipeLink[] left =
      PipeLink.ethernet(
          1500, MacAddress.parse("02:00:00:00:00:01"), MacAddress.parse("02:00:00:00:00:02"));
  private final PipeLink[] middle = PipeLink.ip(1280);
  private final PipeLink[] right = PipeLink.ipWithOffload(1500);
  private final NetStack a =
      host()
          .link("eth0", left[0])
          .address("10.1.0.2/24")
          .gateway("10.1.0.1")
          .address("fd01::2/64")
          .gateway("fd01::1")
          .build();
  private final NetStack r1 =
      host()
          .forwarding(true)
          .link("eth0", left[1])
          .address("10.1.0.1/24")
          .address("fd01::1/64")
          .link("tun0", middle[0])
          .address("10.2.0.1/24")
          .gateway("10.2.0.2")
          .address("fd02::1/64")
          .gateway("fd02::2")
          .build();
  private final NetStack r2 =
      host()
          .forwarding(true)
          .link("tun0", middle[1])
          .address("10.2.0.2/24")
          .gateway("10.2.0.1")
          .address("fd02::2/64")
          .gateway("fd02::1")
          .link("eth0", right[0])
          .address("10.3.0.1/24")
          .address("fd03::1/64")
          .build();
  private final NetStack b =
      host()
          .link("eth0", right[1])
          .address("10.3.0.2/24")
          .gateway("10.3.0.1")
          .address("fd03::2/64")
          .gateway("fd03::1")
          .build();

  private NetStack.Builder host() {
    return NetStack.builder().clock(clock).pool(pool).duplicateDetection(false);
  }

  @AfterEach
  void nothingFailed() {
    assertNull(Mailbox.takeFailure());
  }

  @Test
  void theNarrowLinkIsFoundInBothVersionsAndDirectionsRfc1191Rfc8201() {
    for (String to : new String[] {"10.3.0.2", "fd03::2"}) {
      IpAddress server = IpAddress.parse(to);
      TcpEndpoint l = b.tcp().open(server.v6());
      assertEquals(0, l.bind(server, 80));
      assertEquals(0, l.listen(5));
      TcpEndpoint c = a.tcp().open(server.v6());
      assertEquals(-Errno.EINPROGRESS, c.connect(server, 80));
      clock.advance(Clock.SECOND);
      TcpEndpoint s = l.accept().endpoint();
      transfer(c, s);
      transfer(s, c);
      int overhead = (server.v6() ? 40 : 20) + 20 + 12;
      assertEquals(1280 - overhead, c.getOption(SocketOption.TCP_MAXSEG));
      assertEquals(1280 - overhead, s.getOption(SocketOption.TCP_MAXSEG));
      c.close();
      s.close();
      l.close();
    }
    assertTrue(a.mib().get(Counter.Icmp_InDestUnreachs) > 0);
    assertTrue(a.mib().get(Counter.Icmp6_InPktTooBigs) > 0);
    clock.advance(100 * Clock.SECOND);
    assertEquals(0, pool.outstanding());
  }

  private void transfer(TcpEndpoint from, TcpEndpoint to) {
    byte[] data = new byte[200_000];
    new Random(1).nextBytes(data);
    byte[] got = new byte[data.length];
    int sent = 0;
    int read = 0;
    for (int i = 0; i < 10_000 && read < data.length; i++) {
      sent += Math.max(0, from.write(data, sent, data.length - sent, false));
      read += Math.max(0, to.read(got, read, data.length - read));
      clock.advance(Clock.MILLISECOND);
    }
    assertArrayEquals(data, got);
  }

  @Test
  void datagramsAreFragmentedByRouterAndByHost() {
    for (String to : new String[] {"10.3.0.2", "fd03::2"}) {
      IpAddress server = IpAddress.parse(to);
      UdpEndpoint s = b.udp().open(server.v6());
      assertEquals(0, s.bind(server, 53));
      UdpEndpoint c = a.udp().open(server.v6());
      // Over IPv6 the first is lost and teaches the path MTU (RFC 8201 section 4).
      for (int i = 0; i < 2; i++) {
        assertEquals(1400, c.send(server, 53, new byte[1400]));
        clock.advance(Clock.SECOND);
      }
      UdpEndpoint.Datagram d = s.receive();
      assertEquals(1400, d.data().length);
      assertEquals(1400, s.send(d.source(), d.port(), new byte[1400]));
      assertEquals(1400, s.send(d.source(), d.port(), new byte[1400]));
      clock.advance(Clock.SECOND);
      assertEquals(1400, c.receive().data().length);
    }
  }

  @Test
  void aHopLimitThatRunsOutIsReportedRfc1812Section4316() {
    UdpEndpoint c = a.udp().open(false);
    c.setOption(SocketOption.IP_TTL, 2);
    c.setOption(SocketOption.IP_RECVERR, 1);
    c.send(IpAddress.parse("10.3.0.2"), 53, new byte[10]);
    clock.advance(Clock.SECOND);
    assertEquals(Errno.EHOSTUNREACH, c.takeError());
    assertEquals(
        IpAddress.parse("10.2.0.2"),
        ((ErrorReport.FromNetwork) c.receiveError()).error().offender());
  }

  @Test
  void aPortThatNobodyHasIsReportedAcrossRouters() {
    for (String to : new String[] {"10.3.0.2", "fd03::2"}) {
      IpAddress server = IpAddress.parse(to);
      UdpEndpoint c = a.udp().open(server.v6());
      assertEquals(0, c.connect(server, 9));
      c.send(null, 0, new byte[10]);
      clock.advance(Clock.SECOND);
      assertEquals(Errno.ECONNREFUSED, c.takeError());
      TcpEndpoint t = a.tcp().open(server.v6());
      t.connect(server, 9);
      clock.advance(Clock.SECOND);
      assertEquals(Errno.ECONNREFUSED, t.takeError());
    }
  }

  @Test
  void aHostThatIsNotThereIsReportedByTheLastRouterOrOwnStack() {
    TcpEndpoint t = a.tcp().open(false);
    t.connect(IpAddress.parse("10.1.0.77"), 9);
    clock.advance(10 * Clock.SECOND);
    assertEquals(Errno.EHOSTUNREACH, t.takeError());
  }
}
