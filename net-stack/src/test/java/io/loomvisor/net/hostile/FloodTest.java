package io.loomvisor.net.hostile;

import static io.loomvisor.net.hostile.Victim.ADDRESS;
import static io.loomvisor.net.hostile.Victim.ADDRESS6;
import static io.loomvisor.net.ip.Packets.data;
import static io.loomvisor.net.ip.Packets.fragment6;
import static io.loomvisor.net.ip.Packets.hex;
import static io.loomvisor.net.ip.Packets.ipv4;
import static io.loomvisor.net.ip.Packets.ipv6;
import static io.loomvisor.net.ip.Packets.udp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.filter.RuleSet;
import io.loomvisor.net.filter.text.SaveText;
import io.loomvisor.net.socket.EphemeralPorts;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Truesize;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.tcp.TcpEndpoint;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.udp.UdpEndpoint;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.Tcp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Floods and exhaustion. */
final class FloodTest {
  private final Random r = new Random(5);

  private static IpAddress attacker(int i) {
    return IpAddress.v4(0x0a01_0000 | i & 0xffff);
  }

  private static byte[] segment(IpAddress from, int port, int flags, int seq, int ack, int window) {
    byte[] t = hex("00 00 00 50 00 00 00 00 00 00 00 00 50 00 00 00 00 00 00 00");
    Bytes.put16(t, 0, port);
    Bytes.put32(t, 4, seq);
    Bytes.put32(t, 8, ack);
    t[13] = (byte) flags;
    Bytes.put16(t, 14, window);
    long sum = Checksum.pseudo(from, ADDRESS, IpProtocol.TCP, t.length);
    Bytes.put16(t, 16, Checksum.finish(Checksum.add(sum, t, 0, t.length)));
    return ipv4(from, ADDRESS, IpProtocol.TCP, t);
  }

  @Test
  void aSynFloodFromEverywhereLeavesRoomForOthers() {
    try (Victim v = new Victim()) {
      for (int i = 0; i < 100_000; i++) {
        v.in(segment(attacker(r.nextInt()), 1024 + r.nextInt(60_000), Tcp.SYN, i, 0, 1000));
        if (i % 10_000 == 0) {
          v.answers.clear();
          v.friendIsServed();
        }
      }
      assertTrue(v.host.mib().get(Counter.TcpExt_SyncookiesSent) > 90_000);
      assertEquals(1, v.host.tcp().connections());
      assertEquals(0, v.pool.outstanding());
      v.friendMayConnect();
    }
  }

  @Test
  void aFloodOfConnectionsDoesNotPushOutThoseThatAreAnswered() {
    try (Victim v = new Victim()) {
      v.host.firewall().conntrack().max = 2000;
      String rules = "*nat\n-A POSTROUTING -o eth0 -j MASQUERADE\nCOMMIT\n";
      v.host.firewall().install(SaveText.parse(rules, false));
      v.friendIsServed();
      v.friendMayConnect();
      for (int i = 0; i < 100_000; i++) {
        IpAddress from = attacker(r.nextInt());
        v.in(segment(from, 1024 + r.nextInt(60_000), Tcp.SYN, i, 0, 1000));
        v.in(ipv4(from, ADDRESS, IpProtocol.UDP, udp(from, i & 0xffff, ADDRESS, 53, data(4))));
        if (i % 10_000 == 0) {
          v.answers.clear();
          v.friendIsServed();
          assertTrue(v.host.firewall().connectionCount() <= 2000);
        }
      }
      v.answers.clear();
      assertTrue(v.host.firewall().statistics().earlyDrop() > 90_000);
      v.friendIsServed();
      v.friendMayConnect();
      v.host.firewall().install(RuleSet.none(false));
      assertEquals(0, v.host.firewall().connectionCount());
    }
  }

  @Test
  void handshakesThatNobodyAcceptsAreBoundedByTheBacklog() {
    try (Victim v = new Victim()) {
      for (int i = 0; i < 5000; i++) {
        v.answers.clear();
        v.in(segment(attacker(i), 5000, Tcp.SYN, 0, 0, 1000));
        if (!v.answers.isEmpty()) {
          int seq = Bytes.i32(v.answers.poll(), 24);
          v.in(segment(attacker(i), 5000, Tcp.ACK, 1, seq + 1, 1000));
        }
      }
      // listen(16), and the friend.
      assertEquals(18, v.host.tcp().connections());
      v.friendIsServed();
      while (v.listener.accept().endpoint() instanceof TcpEndpoint e) {
        e.close();
      }
      v.friendMayConnect();
    }
  }

  @Test
  void aReassemblyBombDoesNotStopOthers() {
    try (Victim v = new Victim()) {
      for (int i = 0; i < 50_000; i++) {
        int word = Ipv4.MORE_FRAGMENTS | r.nextInt(8000);
        byte[] some = data(8 + 8 * r.nextInt(180));
        v.in(ipv4(attacker(r.nextInt()), ADDRESS, IpProtocol.UDP, i, word, new byte[0], some));
        IpAddress from = IpAddress.v6(ADDRESS6.hi(), 2 + r.nextInt(100));
        byte[] f = fragment6(IpProtocol.UDP, word & 0x1fff, true, i);
        v.in(ipv6(from, ADDRESS6, IpProtocol.FRAGMENT, 64, f, some));
        if (i % 5000 == 0) {
          v.friendIsServed();
          assertTrue(v.pool.outstanding() < 5000, "held " + v.pool.outstanding());
        }
      }
    }
  }

  @Test
  void datagramsToAReaderThatSleepsAndToNobodyAreBounded() {
    try (Victim v = new Victim()) {
      UdpEndpoint sleeper = v.host.udp().open(false);
      assertEquals(0, sleeper.bind(ADDRESS, 53));
      for (int i = 0; i < 50_000; i++) {
        IpAddress from = attacker(i);
        v.in(ipv4(from, ADDRESS, IpProtocol.UDP, udp(from, 9, ADDRESS, 53, data(100))));
        v.in(ipv4(from, ADDRESS, IpProtocol.UDP, udp(from, 9, ADDRESS, 54, data(100))));
        if (i % 10_000 == 0) {
          v.friendIsServed();
        }
      }
      int counted = Truesize.of(128, 28, false);
      assertTrue(v.pool.outstanding() <= 212_992 / counted + 1, "held " + v.pool.outstanding());
      assertTrue(v.answers.size() < 500, "unreachables are limited: " + v.answers.size());
      sleeper.close();
    }
  }

  @Test
  void portsToOnePeerRunOutForThatPeerOnly() {
    try (Victim v = new Victim()) {
      int all = EphemeralPorts.LAST - EphemeralPorts.FIRST + 1;
      List<TcpEndpoint> open = new ArrayList<>();
      IpAddress peer = IpAddress.parse("10.0.0.2");
      for (int i = 0; i < all; i++) {
        TcpEndpoint e = v.host.tcp().open(false);
        assertEquals(-Errno.EINPROGRESS, e.connect(peer, 80));
        open.add(e);
        v.answers.clear();
      }
      TcpEndpoint more = v.host.tcp().open(false);
      assertEquals(-Errno.EADDRNOTAVAIL, more.connect(peer, 80));
      assertEquals(-Errno.EINPROGRESS, more.connect(peer, 81));
      more.close();
      v.friendIsServed();
      open.removeLast().close();
      TcpEndpoint again = v.host.tcp().open(false);
      assertEquals(-Errno.EINPROGRESS, again.connect(peer, 80));
      again.close();
      open.forEach(TcpEndpoint::close);
    }
  }

  @Test
  void portsForDatagramsRunOutAndComeBack() {
    try (Victim v = new Victim()) {
      int all = EphemeralPorts.LAST - EphemeralPorts.FIRST + 1;
      List<UdpEndpoint> open = new ArrayList<>();
      for (int i = 0; i < all; i++) {
        UdpEndpoint e = v.host.udp().open(false);
        assertEquals(0, e.bind(IpAddress.ANY4, 0));
        open.add(e);
      }
      UdpEndpoint more = v.host.udp().open(false);
      assertEquals(-Errno.EADDRINUSE, more.bind(IpAddress.ANY4, 0));
      assertEquals(-Errno.EAGAIN, sendErrno(more));
      open.removeLast().close();
      assertEquals(0, more.bind(IpAddress.ANY4, 0));
      open.forEach(UdpEndpoint::close);
      more.close();
      v.friendIsServed();
    }
  }

  /** udp(7): EAGAIN when a send finds no ephemeral port to bind to. */
  private static int sendErrno(UdpEndpoint e) {
    return e.send(IpAddress.parse("10.0.0.2"), 9, new byte[1]);
  }

  @Test
  void aPeerThatNeverReadsCostsAFullBufferAndNoMore() {
    try (Victim v = new Victim()) {
      List<TcpEndpoint> stuck = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        v.answers.clear();
        v.in(segment(attacker(i), 5000, Tcp.SYN, 0, 0, 1000));
        int seq = Bytes.i32(v.answers.poll(), 24);
        v.in(segment(attacker(i), 5000, Tcp.ACK, 1, seq + 1, 0));
        stuck.add(v.listener.accept().endpoint());
      }
      byte[] chunk = new byte[100_000];
      for (int round = 0; round < 50; round++) {
        for (TcpEndpoint e : stuck) {
          int n;
          do {
            n = e.write(chunk, 0, chunk.length, false);
          } while (n > 0);
          assertEquals(-Errno.EAGAIN, n);
        }
        v.clock.advance(10 * Clock.SECOND);
        v.friendIsServed();
      }
      for (TcpEndpoint e : stuck) {
        long held = e.info().notSentBytes();
        assertTrue(held > 0 && held <= v.settings.maxSendBuffer, "held " + held);
      }
      assertEquals(0, v.pool.outstanding());
      stuck.forEach(TcpEndpoint::close);
      // Without an application they end in the time of tcp_orphan_retries.
      v.clock.advance(600 * Clock.SECOND);
      assertEquals(1, v.host.tcp().connections());
    }
  }

  @Test
  void segmentsToNobodyMakeNoState() {
    try (Victim v = new Victim()) {
      for (int i = 0; i < 50_000; i++) {
        int flags = r.nextInt(64) & ~Tcp.SYN;
        v.in(segment(attacker(i), 1 + r.nextInt(65_000), flags, r.nextInt(), r.nextInt(), 10));
        v.answers.clear();
      }
      assertEquals(1, v.host.tcp().connections());
      v.friendIsServed();
      v.friendMayConnect();
    }
  }
}
