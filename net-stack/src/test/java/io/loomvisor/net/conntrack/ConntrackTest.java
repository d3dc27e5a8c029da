package io.loomvisor.net.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.conntrack.TcpState.Phase;
import io.loomvisor.net.conntrack.Tracking.State;
import io.loomvisor.net.ip.Packets;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.IpView;
import io.loomvisor.net.wire.Tcp;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Segments and datagrams as a middle box sees them, by hand, in virtual time. */
final class ConntrackTest {
  private static final IpAddress A = IpAddress.parse("10.0.0.1");
  private static final IpAddress B = IpAddress.parse("10.0.0.2");
  private static final int SYN = Tcp.SYN;
  private static final int ACK = Tcp.ACK;
  private static final int FIN = Tcp.FIN | Tcp.ACK;
  private static final int RST = Tcp.RST;

  private final VirtualClock clock = new VirtualClock();
  private final PacketPool pool = new PacketPool();
  private final ConntrackSettings settings = new ConntrackSettings();
  private final Tracker tracker = new Tracker(clock, settings);

  private Tracking track(byte[] packet) {
    PacketBuffer p = pool.acquire(packet.length);
    p.append(packet, 0, packet.length);
    try {
      IpView v = IpView.of(p.array(), p.start(), p.end());
      Tracking t = tracker.track(p, v, true, true);
      return tracker.confirm(t) ? t : Tracking.INVALID;
    } finally {
      p.release();
    }
  }

  private static byte[] segment(
      boolean fromA, int flags, int seq, int ack, int length, int window, byte... options) {
    int header = Tcp.MIN_HEADER + options.length;
    byte[] t = Packets.join(new byte[Tcp.MIN_HEADER], options, new byte[length]);
    int from = fromA ? 1000 : 80;
    Tcp.write(t, 0, header, from, fromA ? 80 : 1000, seq, ack, flags, window, 0);
    IpAddress src = fromA ? A : B;
    IpAddress dst = fromA ? B : A;
    Tcp.writeChecksum(t, 0, t.length, Checksum.pseudo(src, dst, IpProtocol.TCP, t.length));
    return Packets.ipv4(src, dst, IpProtocol.TCP, t);
  }

  private State a(int flags, int seq, int ack, int length) {
    return track(segment(true, flags, seq, ack, length, 1000)).state();
  }

  private State b(int flags, int seq, int ack, int length) {
    return track(segment(false, flags, seq, ack, length, 1000)).state();
  }

  private Connection only() {
    assertEquals(1, tracker.size());
    return tracker.connections().getFirst();
  }

  private void phase(Phase expected) {
    assertEquals(expected, only().phase());
  }

  /** A has sent up to 1101, B up to 5101. */
  private void establish() {
    assertEquals(State.NEW, a(SYN, 1000, 0, 0));
    phase(Phase.SYN_SENT);
    assertEquals(State.ESTABLISHED, b(SYN | ACK, 5000, 1001, 0));
    phase(Phase.SYN_RECV);
    assertEquals(State.ESTABLISHED, a(ACK, 1001, 5001, 0));
    phase(Phase.ESTABLISHED);
    assertEquals(State.ESTABLISHED, a(ACK, 1001, 5001, 100));
    assertEquals(State.ESTABLISHED, b(ACK, 5001, 1101, 100));
    assertEquals(State.ESTABLISHED, a(ACK, 1101, 5101, 0));
    assertTrue(only().assured());
  }

  /** Ends in the given number of seconds, and not one earlier. */
  private void endsIn(int seconds) {
    clock.advance((seconds - 1) * Clock.SECOND);
    tracker.expire();
    assertEquals(1, tracker.size(), "too early");
    clock.advance(2 * Clock.SECOND);
    tracker.expire();
    assertEquals(0, tracker.size(), "too late");
  }

  @Test
  void aConnectionGoesThroughItsPhasesRfc9293Section332() {
    establish();
    assertEquals(State.ESTABLISHED, a(FIN, 1101, 5101, 0));
    phase(Phase.FIN_WAIT);
    b(ACK, 5101, 1102, 0);
    phase(Phase.CLOSE_WAIT);
    b(FIN, 5101, 1102, 0);
    phase(Phase.LAST_ACK);
    a(ACK, 1102, 5102, 0);
    phase(Phase.TIME_WAIT);
    endsIn(120);
  }

  @Test
  void simultaneousOpenRfc9293Section35() {
    a(SYN, 1000, 0, 0);
    assertEquals(State.ESTABLISHED, b(SYN, 5000, 0, 0));
    phase(Phase.SYN_SENT2);
    a(SYN | ACK, 1000, 5001, 0);
    phase(Phase.SYN_RECV);
    b(SYN | ACK, 5000, 1001, 0);
    a(ACK, 1001, 5001, 0);
    phase(Phase.ESTABLISHED);
  }

  @Test
  void anEstablishedConnectionLastsLongRfc5382Req5() {
    establish();
    clock.advance(124 * 60 * Clock.SECOND);
    tracker.expire();
    phase(Phase.ESTABLISHED);
    settings.tcpTimeoutEstablished = 1000;
    a(ACK, 1101, 5101, 0);
    endsIn(1000);
  }

  @Test
  void anAttemptThatIsNotAnsweredIsForgotten() {
    a(SYN, 1000, 0, 0);
    endsIn(120);
  }

  @Test
  void dataThatNobodyAcknowledgesShortensTheLife() {
    establish();
    a(ACK, 1101, 5101, 10);
    endsIn(300);
  }

  @Test
  void aResetThatIsExpectedEndsIt() {
    establish();
    assertEquals(State.ESTABLISHED, b(RST, 5101, 0, 0));
    phase(Phase.CLOSE);
    endsIn(10);
  }

  @Test
  void aBlindResetPassesOrNotButEndsNothingRfc5961Section3() {
    establish();
    assertEquals(State.ESTABLISHED, b(RST, 5201, 0, 0), "in the window: the end asks");
    phase(Phase.ESTABLISHED);
    assertEquals(State.INVALID, b(RST, 5101 + 100_000, 0, 0));
    assertEquals(State.INVALID, a(RST, 1101 - 100_000, 0, 0));
    phase(Phase.ESTABLISHED);
  }

  @Test
  void segmentsOutsideOfTheWindowAreInvalid() {
    establish();
    assertEquals(State.ESTABLISHED, a(ACK, 1101, 5101, 900));
    assertEquals(State.INVALID, a(ACK, 1101 + 1200, 5101, 10), "beyond what B lets A send");
    assertEquals(State.INVALID, a(ACK, 2001, 5101 + 500, 10), "acknowledges what B never sent");
    assertEquals(State.INVALID, a(ACK, 2001, 5101 - 70_000, 10), "acknowledges ancient data");
    assertEquals(State.INVALID, b(ACK, 5101 - 5000, 2001, 10), "long received");
    assertEquals(State.ESTABLISHED, b(ACK, 5001, 2001, 100), "a retransmission");
    settings.tcpBeLiberal = true;
    assertEquals(State.ESTABLISHED, a(ACK, 1101 + 1200, 5101, 10));
  }

  @Test
  void windowsAreScaledIfBothOfferRfc7323Section22() {
    byte[] scale = {1, 3, 3, 7};
    track(segment(true, SYN, 1000, 0, 0, 1000, scale));
    track(segment(false, SYN | ACK, 5000, 1001, 0, 1000, scale));
    track(segment(true, ACK, 1001, 5001, 0, 1000));
    track(segment(false, ACK, 5001, 1001, 0, 1000));
    byte[] far = segment(true, ACK, 1001 + 100_000, 5001, 10, 1000);
    assertEquals(State.ESTABLISHED, track(far).state());
    // Without the other's offer it means nothing.
    tracker.clear();
    track(segment(true, SYN, 1000, 0, 0, 1000, scale));
    track(segment(false, SYN | ACK, 5000, 1001, 0, 1000));
    track(segment(true, ACK, 1001, 5001, 0, 1000));
    track(segment(false, ACK, 5001, 1001, 0, 1000));
    assertEquals(State.INVALID, track(far).state());
  }

  @Test
  void whatBeginsNoConnectionIsInvalid() {
    assertEquals(State.INVALID, a(SYN | ACK, 1, 1, 0));
    assertEquals(State.INVALID, a(FIN, 1, 1, 0));
    assertEquals(State.INVALID, a(RST, 1, 0, 0));
    assertEquals(State.INVALID, a(0, 1, 0, 0));
    assertEquals(State.INVALID, a(SYN | Tcp.FIN, 1, 0, 0));
    settings.tcpLoose = false;
    assertEquals(State.INVALID, a(ACK, 1, 1, 0));
    settings.tcpLoose = true;
    assertEquals(State.NEW, a(ACK, 1, 1, 0), "taken up in the middle");
    assertEquals(State.ESTABLISHED, b(ACK, 1, 1, 0));
    phase(Phase.ESTABLISHED);
  }

  @Test
  void aSynMayOpenAgainWhatIsOverRfc9293Section361() {
    aConnectionGoesThroughItsPhasesRfc9293Section332();
    establish();
    a(FIN, 1101, 5101, 0);
    b(FIN, 5101, 1102, 0);
    a(ACK, 1102, 5102, 0);
    phase(Phase.TIME_WAIT);
    Connection before = only();
    assertEquals(State.NEW, a(SYN, 900_000, 0, 0));
    phase(Phase.SYN_SENT);
    assertFalse(before == only());
  }

  @Test
  void aSynInsideOfAConnectionChangesNothingRfc5961Section4() {
    establish();
    assertEquals(State.ESTABLISHED, a(SYN, 99_000, 0, 0));
    assertEquals(State.INVALID, b(SYN, 99_000, 0, 0));
    phase(Phase.ESTABLISHED);
    assertEquals(State.ESTABLISHED, a(ACK, 1101, 5101, 10));
  }

  @Test
  void wrongChecksumsAreInvalid() {
    byte[] p = segment(true, SYN, 1000, 0, 0, 1000);
    p[p.length - 1] ^= 1;
    assertEquals(State.INVALID, track(p).state());
    settings.checksum = false;
    assertEquals(State.NEW, track(p).state());
  }

  private static byte[] datagram(IpAddress from, int fromPort, IpAddress to, int toPort) {
    byte[] u = Packets.udp(from, fromPort, to, toPort, new byte[4]);
    return Packets.ipv4(from, to, IpProtocol.UDP, u);
  }

  @Test
  void udpLastsLongerOnceItIsAStreamRfc4787Req5() {
    byte[] there = datagram(A, 5, B, 53);
    byte[] back = datagram(B, 53, A, 5);
    assertEquals(State.NEW, track(there).state());
    assertEquals(State.NEW, track(there).state());
    assertEquals(State.ESTABLISHED, track(back).state());
    endsIn(30);
    track(there);
    track(back);
    clock.advance(3 * Clock.SECOND);
    assertEquals(State.ESTABLISHED, track(there).state());
    endsIn(120);
  }

  @Test
  void errorsAreRelatedAndProlongNothingRfc5508Req3() {
    byte[] there = datagram(A, 5, B, 53);
    track(there);
    clock.advance(20 * Clock.SECOND);
    byte[] error = Packets.icmp4(3, 3, 0, there);
    Tracking t = track(Packets.ipv4(B, A, IpProtocol.ICMP, error));
    assertEquals(State.RELATED, t.state());
    assertTrue(t.reply());
    byte[] other = Packets.icmp4(3, 3, 0, datagram(A, 6, B, 53));
    assertEquals(State.INVALID, track(Packets.ipv4(B, A, IpProtocol.ICMP, other)).state());
    byte[] shortened = Packets.icmp4(3, 3, 0, Packets.slice(there, 0, 24));
    assertEquals(State.INVALID, track(Packets.ipv4(B, A, IpProtocol.ICMP, shortened)).state());
    endsIn(10);
  }

  @Test
  void echoesAreAskedBeforeTheyAreAnswered() {
    byte[] answer = Packets.icmp4(0, 0, 7 << 16, new byte[8]);
    assertEquals(State.INVALID, track(Packets.ipv4(B, A, IpProtocol.ICMP, answer)).state());
    byte[] ask = Packets.icmp4(8, 0, 7 << 16, new byte[8]);
    assertEquals(State.NEW, track(Packets.ipv4(A, B, IpProtocol.ICMP, ask)).state());
    assertEquals(State.ESTABLISHED, track(Packets.ipv4(B, A, IpProtocol.ICMP, answer)).state());
  }

  @Test
  void aFullTableDropsWhatIsNotAnsweredFirst() {
    settings.max = 100;
    establish();
    for (int i = 1; i <= 1000; i++) {
      assertEquals(State.NEW, track(datagram(A, i, B, 53)).state());
      assertTrue(tracker.size() <= 100);
    }
    phaseOf(Phase.ESTABLISHED);
    assertEquals(901, tracker.statistics().earlyDrop());
    // All assured: nothing gives way.
    for (Connection c : tracker.connections()) {
      int port = c.original().sourcePort();
      if (c.phase() == null) {
        track(datagram(B, 53, A, port));
      }
    }
    clock.advance(3 * Clock.SECOND);
    for (Connection c : tracker.connections()) {
      if (c.phase() == null) {
        track(datagram(A, c.original().sourcePort(), B, 53));
      }
    }
    assertEquals(State.INVALID, track(datagram(A, 60_000, B, 53)).state());
    assertEquals(1, tracker.statistics().drop());
  }

  private void phaseOf(Phase p) {
    Connection c =
        tracker.connections().stream().filter(x -> x.phase() != null).findFirst().orElse(null);
    assertNotNull(c);
    assertEquals(p, c.phase());
  }

  /** Whatever comes, nothing is thrown, the table is bounded and empties in the end. */
  @Test
  void segmentsInAnyOrderDoNoHarm() {
    Random r = new Random(5);
    settings.max = 50;
    int[] flags = {SYN, SYN | ACK, ACK, FIN, RST, RST | ACK, 0, 0xff, Tcp.PSH | ACK, Tcp.URG};
    for (int i = 0; i < 200_000; i++) {
      byte[] options = r.nextInt(4) == 0 ? Packets.data(4 * r.nextInt(11)) : new byte[0];
      int seq = r.nextInt(8) == 0 ? r.nextInt() : 1000 + r.nextInt(3000);
      int ack = r.nextInt(8) == 0 ? r.nextInt() : 1000 + r.nextInt(3000);
      int f = flags[r.nextInt(flags.length)];
      byte[] p = segment(r.nextBoolean(), f, seq, ack, r.nextInt(50), r.nextInt(65_536), options);
      Bytes.put16(p, 20 + 2 * r.nextInt(2), 70 + r.nextInt(20));
      if (r.nextInt(3) == 0) {
        p[r.nextInt(p.length)] ^= (byte) (1 << r.nextInt(8));
      }
      settings.checksum = false;
      if ((p[0] & 0xf0) == 0x40 && (p[0] & 15) >= 5 && (p[0] & 15) * 4 <= p.length) {
        track(p);
      }
      assertTrue(tracker.size() <= 50);
      if (r.nextInt(100) == 0) {
        clock.advance(r.nextInt(20) * Clock.SECOND);
        tracker.expire();
      }
    }
    clock.advance(6 * 24 * 3600 * Clock.SECOND);
    tracker.expire();
    assertEquals(0, tracker.size());
    assertEquals(0, pool.outstanding());
  }
}
