package io.loomvisor.net.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.error.ErrorReport;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.link.Link;
import io.loomvisor.net.link.LoopbackLink;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.MacAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two hosts on one Ethernet segment; what udp(7), ip(7) and socket(7) promise. */
final class UdpOptionsTest {
  private static final IpAddress GROUP = IpAddress.parse("239.1.2.3");
  private static final IpAddress GROUP6 = IpAddress.parse("ff05::77");
  private final VirtualClock clock = new VirtualClock();
  private final PacketPool pool = new PacketPool();
  private final PipeLink[] pipe =
      PipeLink.ethernet(
          1500, MacAddress.parse("02:00:00:00:00:01"), MacAddress.parse("02:00:00:00:00:02"));
  private final Host a = new Host(pipe[0], "10.0.0.1", "fd00::1");
  private final Host b = new Host(pipe[1], "10.0.0.2", "fd00::2");
  private final DatagramInfo info = new DatagramInfo();

  private final class Host {
    final IpLayer ip = new IpLayer(clock, pool, new Mib(), false);
    final UdpLayer udp = new UdpLayer(ip);
    final IpAddress v4;
    final IpAddress v6;
    final Nic nic;

    Host(Link link, String v4, String v6) {
      this.v4 = IpAddress.parse(v4);
      this.v6 = IpAddress.parse(v6);
      Nic lo = ip.addNic("lo", new LoopbackLink());
      ip.addAddress(lo, IpAddress.LOOPBACK4, 8);
      ip.addAddress(lo, IpAddress.LOOPBACK6, 128);
      nic = ip.addNic("eth0", link);
      ip.addAddress(nic, this.v4, 24);
      ip.addAddress(nic, this.v6, 64);
    }

    UdpEndpoint bound(IpAddress at, int port) {
      UdpEndpoint e = udp.open(at.v6());
      assertEquals(0, e.bind(at, port));
      return e;
    }
  }

  @AfterEach
  void nothingFailed() {
    assertNull(Mailbox.takeFailure());
    a.ip.close();
    b.ip.close();
  }

  @Test
  void bothVersionsAcrossALink() {
    for (boolean six : new boolean[] {false, true}) {
      UdpEndpoint to = b.bound(IpAddress.any(six), 99);
      UdpEndpoint from = a.udp.open(six);
      assertEquals(4000, from.send(six ? b.v6 : b.v4, 99, new byte[4000]));
      byte[] in = new byte[5000];
      assertEquals(4000, to.receive(in, 0, 5000, false, info));
      assertEquals(six ? a.v6 : a.v4, info.source);
      assertEquals(six ? b.v6 : b.v4, info.destination);
      assertEquals(b.nic.id(), info.nicId);
      assertEquals(64, info.ttl);
      assertEquals(from.localPort(), info.sourcePort);
      to.close();
    }
    assertEquals(0, pool.outstanding());
  }

  @Test
  void oneSendIsSeveralDatagramsUdpSegmentUdp7() {
    for (boolean six : new boolean[] {false, true}) {
      UdpEndpoint to = b.bound(IpAddress.any(six), 99);
      UdpEndpoint from = a.udp.open(six);
      IpAddress target = six ? b.v6 : b.v4;
      int largest = 1500 - (six ? 40 : 20) - 8;
      assertEquals(0, from.setOption(SocketOption.UDP_SEGMENT, largest));
      assertEquals(3000, from.send(target, 99, new byte[3000]));
      byte[] in = new byte[5000];
      assertEquals(largest, to.receive(in, 0, 5000, false, info));
      assertEquals(largest, to.receive(in, 0, 5000, false, info));
      assertEquals(3000 - 2 * largest, to.receive(in, 0, 5000, false, info));
      assertEquals(-Errno.EAGAIN, to.receive(in, 0, 5000, false, info));
      assertEquals(0, from.setOption(SocketOption.UDP_SEGMENT, largest + 1));
      assertEquals(-Errno.EMSGSIZE, from.send(target, 99, new byte[3000]));
      assertEquals(-Errno.EMSGSIZE, from.send(target, 99, new byte[largest + 1]));
      assertEquals(largest, from.send(target, 99, new byte[largest]));
      assertEquals(largest, to.receive(in, 0, 5000, false, info));
      to.close();
    }
    assertEquals(0, pool.outstanding());
  }

  @Test
  void aDualStackEndpointTakesIpv4AsMappedRfc3493Section37() {
    UdpEndpoint to = b.bound(IpAddress.ANY6, 99);
    a.udp.open(false).send(b.v4, 99, new byte[] {1});
    assertEquals(1, to.receive(new byte[9], 0, 9, false, info));
    assertEquals(a.v4.mapped(), info.source);
    UdpEndpoint back = a.bound(IpAddress.ANY4, 55);
    assertEquals(2, to.send(a.v4.mapped(), 55, new byte[2]));
    assertEquals(2, back.receive(new byte[9], 0, 9, false, info));
    assertEquals(b.v4, info.source);
  }

  @Test
  void v6OnlyDoesNotIpv67() {
    UdpEndpoint to = b.udp.open(true);
    assertEquals(0, to.setOption(SocketOption.IPV6_V6ONLY, 1));
    assertEquals(0, to.bind(IpAddress.ANY6, 99));
    assertEquals(-Errno.EINVAL, to.setOption(SocketOption.IPV6_V6ONLY, 0));
    UdpEndpoint from = a.udp.open(false);
    from.connect(b.v4, 99);
    from.send(null, 0, new byte[1]);
    assertNull(to.receive());
    assertEquals(Errno.ECONNREFUSED, from.takeError());
    assertEquals(-Errno.ENETUNREACH, to.send(a.v4.mapped(), 1, new byte[1]));
    UdpEndpoint four = b.bound(IpAddress.ANY4, 99);
    from.send(null, 0, new byte[1]);
    assertEquals(1, four.receive().data().length);
  }

  @Test
  void theMostSpecificEndpointGetsIt() {
    UdpEndpoint any = b.udp.open(false);
    UdpEndpoint exact = b.udp.open(false);
    UdpEndpoint connected = b.udp.open(false);
    for (UdpEndpoint e : new UdpEndpoint[] {any, exact, connected}) {
      e.setOption(SocketOption.SO_REUSEADDR, 1);
    }
    assertEquals(0, any.bind(IpAddress.ANY4, 99));
    assertEquals(0, exact.bind(b.v4, 99));
    assertEquals(0, connected.bind(b.v4, 99));
    UdpEndpoint friend = a.bound(a.v4, 1000);
    assertEquals(0, connected.connect(a.v4, 1000));
    friend.send(b.v4, 99, new byte[1]);
    assertEquals(1, connected.receive().data().length);
    a.bound(a.v4, 1001).send(b.v4, 99, new byte[1]);
    assertEquals(1, exact.receive().data().length);
    assertNull(any.receive());
  }

  @Test
  void reusePortSpreadsFlowsSocket7() {
    UdpEndpoint[] es = new UdpEndpoint[4];
    for (int i = 0; i < 4; i++) {
      es[i] = b.udp.open(false);
      es[i].setOption(SocketOption.SO_REUSEPORT, 1);
      assertEquals(0, es[i].bind(b.v4, 99));
    }
    assertEquals(-Errno.EADDRINUSE, b.udp.open(false).bind(b.v4, 99));
    for (int i = 0; i < 100; i++) {
      UdpEndpoint from = a.udp.open(false);
      from.send(b.v4, 99, new byte[1]);
      from.send(b.v4, 99, new byte[1]);
      from.close();
    }
    int sum = 0;
    for (UdpEndpoint e : es) {
      int n = 0;
      while (e.receive() != null) {
        n++;
      }
      assertTrue(n >= 20 && n % 2 == 0, "share " + n);
      sum += n;
    }
    assertEquals(200, sum);
  }

  @Test
  void broadcastNeedsItsOptionIp7() {
    UdpEndpoint one = b.udp.open(false);
    UdpEndpoint two = b.udp.open(false);
    one.setOption(SocketOption.SO_REUSEADDR, 1);
    two.setOption(SocketOption.SO_REUSEADDR, 1);
    assertEquals(0, one.bind(IpAddress.ANY4, 99));
    assertEquals(0, two.bind(IpAddress.ANY4, 99));
    UdpEndpoint own = a.bound(IpAddress.ANY4, 99);
    UdpEndpoint from = a.udp.open(false);
    IpAddress all = IpAddress.parse("10.0.0.255");
    assertEquals(-Errno.EACCES, from.send(all, 99, new byte[1]));
    assertEquals(-Errno.EACCES, from.connect(all, 99));
    from.setOption(SocketOption.SO_BROADCAST, 1);
    assertEquals(1, from.send(all, 99, new byte[1]));
    assertEquals(1, one.receive().data().length);
    assertEquals(1, two.receive().data().length);
    assertEquals(1, own.receive().data().length);
  }

  @Test
  void groupsReachMembersOnBothHostsRfc1112() {
    for (IpAddress group : new IpAddress[] {GROUP, GROUP6}) {
      boolean six = group.v6();
      UdpEndpoint member = b.bound(IpAddress.any(six), 99);
      UdpEndpoint local = a.bound(IpAddress.any(six), 99);
      UdpEndpoint from = a.udp.open(six);
      from.setOption(
          six ? SocketOption.IPV6_MULTICAST_IF : SocketOption.IP_MULTICAST_IF, a.nic.id());
      from.send(group, 99, new byte[1]);
      assertNull(member.receive());
      assertEquals(0, member.join(group, b.nic.id()));
      assertEquals(-Errno.EADDRINUSE, member.join(group, b.nic.id()));
      assertEquals(0, local.join(group, a.nic.id()));
      while (local.receive() != null) {
        // IP_MULTICAST_ALL has let the first one in.
      }
      from.send(group, 99, new byte[1]);
      assertEquals(1, member.receive(new byte[9], 0, 9, false, info));
      assertEquals(group, info.destination);
      assertEquals(1, info.ttl);
      assertEquals(1, local.receive().data().length);
      from.setOption(six ? SocketOption.IPV6_MULTICAST_LOOP : SocketOption.IP_MULTICAST_LOOP, 0);
      from.send(group, 99, new byte[1]);
      assertEquals(1, member.receive().data().length);
      assertNull(local.receive());
      assertEquals(0, member.leave(group, b.nic.id()));
      assertEquals(-Errno.EADDRNOTAVAIL, member.leave(group, b.nic.id()));
      from.send(group, 99, new byte[1]);
      assertNull(member.receive());
      member.close();
      local.close();
    }
    assertEquals(0, pool.outstanding());
  }

  @Test
  void withoutMulticastAllOnlyJoinedGroupsIp7() {
    UdpEndpoint joined = b.udp.open(false);
    UdpEndpoint other = b.udp.open(false);
    for (UdpEndpoint e : new UdpEndpoint[] {joined, other}) {
      e.setOption(SocketOption.SO_REUSEADDR, 1);
      e.setOption(SocketOption.IP_MULTICAST_ALL, 0);
      assertEquals(0, e.bind(IpAddress.ANY4, 99));
    }
    assertEquals(0, joined.join(GROUP, b.nic.id()));
    UdpEndpoint from = a.udp.open(false);
    from.setOption(SocketOption.IP_MULTICAST_IF, a.nic.id());
    from.send(GROUP, 99, new byte[1]);
    assertEquals(1, joined.receive().data().length);
    assertNull(other.receive());
    assertEquals(-Errno.EINVAL, joined.join(b.v4, b.nic.id()));
    assertEquals(-Errno.ENODEV, joined.join(GROUP, 77));
  }

  @Test
  void aLongDatagramIsCutAndPeekLeavesItRecv2() {
    UdpEndpoint to = b.bound(b.v4, 99);
    a.udp.open(false).send(b.v4, 99, new byte[] {1, 2, 3, 4, 5});
    byte[] in = new byte[3];
    assertEquals(3, to.receive(in, 0, 3, true, info));
    assertEquals(5, info.length);
    assertEquals(5, to.available());
    assertEquals(3, to.receive(in, 0, 3, false, info));
    assertArrayEquals(new byte[] {1, 2, 3}, in);
    assertEquals(-Errno.EAGAIN, to.receive(in, 0, 3, false, info));
  }

  @Test
  void corkMakesOneDatagramUdp7() {
    UdpEndpoint to = b.bound(b.v4, 99);
    UdpEndpoint from = a.udp.open(false);
    from.connect(b.v4, 99);
    assertEquals(2, from.send(null, 0, new byte[] {1, 2}, 0, 2, true));
    assertEquals(1, from.send(null, 0, new byte[] {3}, 0, 1, false));
    assertArrayEquals(new byte[] {1, 2, 3}, to.receive().data());
    from.setOption(SocketOption.UDP_CORK, 1);
    from.send(null, 0, new byte[3000]);
    from.send(null, 0, new byte[3000]);
    assertNull(to.receive());
    from.setOption(SocketOption.UDP_CORK, 0);
    assertEquals(6000, to.receive().data().length);
    from.setOption(SocketOption.UDP_CORK, 1);
    assertEquals(60_000, from.send(null, 0, new byte[60_000]));
    assertEquals(-Errno.EMSGSIZE, from.send(null, 0, new byte[6000]));
  }

  @Test
  void dontFragmentRefusesIp7() {
    UdpEndpoint from = a.udp.open(false);
    from.setOption(SocketOption.IP_MTU_DISCOVER, 2);
    assertEquals(-Errno.EMSGSIZE, from.send(b.v4, 99, new byte[1473]));
    assertEquals(1472, from.send(b.v4, 99, new byte[1472]));
    assertEquals(-Errno.EMSGSIZE, from.send(b.v4, 99, new byte[65_508]));
    assertEquals(0, from.connect(b.v4, 99));
    assertEquals(1500, from.getOption(SocketOption.IP_MTU));
    assertEquals(0, pool.outstanding());
  }

  @Test
  void connectFixesTheOwnAddressAndDisconnectFreesItConnect2() {
    UdpEndpoint e = a.udp.open(false);
    assertEquals(-Errno.EDESTADDRREQ, e.send(null, 0, new byte[1]));
    assertNull(e.peerAddress());
    assertEquals(0, e.connect(b.v4, 99));
    assertEquals(a.v4, e.localAddress().address());
    assertEquals(99, e.peerAddress().port());
    e.disconnect();
    assertEquals(IpAddress.ANY4, e.localAddress().address());
    assertNull(e.peerAddress());
    assertEquals(-Errno.EAFNOSUPPORT, e.connect(b.v6, 1));
    assertEquals(-Errno.ENETUNREACH, e.connect(IpAddress.parse("8.8.8.8"), 1));
  }

  @Test
  void shutdownEndsReadingAndWritingShutdown2() {
    UdpEndpoint e = a.udp.open(false);
    assertEquals(-Errno.ENOTCONN, e.shutdown(false, false));
    e.connect(b.v4, 99);
    assertEquals(0, e.shutdown(true, true));
    assertEquals(-Errno.EPIPE, e.send(null, 0, new byte[1]));
    assertEquals(-Errno.EAGAIN, e.receive(new byte[1], 0, 1, false, info));
    assertTrue((e.readiness() & Readiness.HUP) != 0);
  }

  @Test
  void ttlAndTosArriveIp7() {
    UdpEndpoint to = b.bound(b.v4, 99);
    UdpEndpoint from = a.udp.open(false);
    from.setOption(SocketOption.IP_TTL, 7);
    from.setOption(SocketOption.IP_TOS, 0x28);
    assertEquals(-Errno.EINVAL, from.setOption(SocketOption.IP_TTL, 256));
    from.send(b.v4, 99, new byte[1]);
    to.receive(new byte[1], 0, 1, false, info);
    assertEquals(7, info.ttl);
    assertEquals(0x28, info.tos);
  }

  @Test
  void theReceiveBufferBoundsMemorySocket7() {
    UdpEndpoint to = b.bound(b.v4, 99);
    assertEquals(0, to.setOption(SocketOption.SO_RCVBUF, 10_000));
    assertEquals(20_000, to.getOption(SocketOption.SO_RCVBUF));
    UdpEndpoint from = a.udp.open(false);
    for (int i = 0; i < 100; i++) {
      from.send(b.v4, 99, new byte[100]);
    }
    assertEquals(20_000 / 832, pool.outstanding(), "as on Linux");
    to.close();
    assertEquals(0, pool.outstanding());
  }

  @Test
  void recvErrTellsTheUnconnectedTooIp7() {
    UdpEndpoint e = a.udp.open(false);
    e.send(b.v4, 99, new byte[1]);
    assertEquals(0, e.takeError());
    assertNull(e.receiveError());
    assertEquals(0, e.setOption(SocketOption.IP_RECVERR, 1));
    e.send(b.v4, 99, new byte[1]);
    assertEquals(Readiness.ERR, e.readiness() & Readiness.ERR);
    assertEquals(Errno.ECONNREFUSED, e.takeError());
    ErrorReport.FromNetwork r = (ErrorReport.FromNetwork) e.receiveError();
    assertEquals(99, r.destination().port());
    assertEquals(b.v4, r.destination().address());
    assertEquals(b.v4, r.error().offender());
    assertEquals(0, e.readiness() & Readiness.ERR);
    for (int i = 0; i < 200; i++) {
      e.takeError();
      e.send(b.v4, 99, new byte[1]);
    }
    int n = 0;
    while (e.receiveError() != null) {
      n++;
    }
    assertTrue(n <= 64, "kept " + n);
    assertEquals(1, a.udp.endpoints().size());
  }
}
