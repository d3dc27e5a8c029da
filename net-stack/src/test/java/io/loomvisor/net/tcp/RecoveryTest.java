package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.stats.Counter;
import org.junit.jupiter.api.Test;

/** Loss recovery as a sender. */
final class RecoveryTest {
  private final Script s = new Script();

  /** Ten segments are out, a round trip of 10 ms is known. */
  private TcpEndpoint tenOut(String options) {
    s.forget();
    TcpEndpoint l = s.listener();
    s.in("S 0:0(0) win 65535 <" + options + ">");
    s.out("S. 0:0(0) ack 1");
    s.after(10);
    s.in(". 1:1(0) ack 1");
    TcpEndpoint e = l.accept().endpoint();
    s.write(e, 10_000);
    assertEquals(10, s.drop());
    s.after(10);
    return e;
  }

  private TcpEndpoint tenOut() {
    return tenOut("mss 1000,sackOK");
  }

  @Test
  void threeSackedSegmentsStartRecoveryRfc6675Section5() {
    TcpEndpoint e = tenOut();
    s.in(". 1:1(0) ack 1 <sack 1001:2001>");
    s.in(". 1:1(0) ack 1 <sack 1001:3001>");
    s.nothing();
    s.in(". 1:1(0) ack 1 <sack 1001:4001>");
    s.out(". 1:1001(1000)");
    assertEquals(3, e.info().congestionState());
    assertEquals(1, s.count(Counter.TcpExt_TCPSackRecovery));
    assertEquals(1, s.count(Counter.TcpExt_TCPFastRetrans));
  }

  @Test
  void recoveryEndsWhenAllIsAckedRfc6675Section5() {
    TcpEndpoint e = tenOut();
    s.in(". 1:1(0) ack 1 <sack 1001:4001>");
    s.out(". 1:1001(1000)");
    s.in(". 1:1(0) ack 10001");
    assertEquals(0, e.info().congestionState());
    assertEquals(7, e.info().sendWindow());
    assertEquals(7, e.info().sendThreshold());
  }

  @Test
  void everyHoleIsFilledOnceRfc6675Section5() {
    tenOut();
    s.in(". 1:1(0) ack 1 <sack 1001:2001 3001:4001 5001:10001>");
    // 1, 2001 and 4001 are lost; the window lets them out as what arrived left the network.
    String all = s.next() + s.next() + s.next();
    assertTrue(all.contains(" 1:1001(") && all.contains(" 2001:3001("), all);
    assertTrue(all.contains(" 4001:5001("), all);
    s.nothing();
  }

  @Test
  void newDataIsSentInRecoveryRfc6937Section3() {
    TcpEndpoint e = tenOut();
    s.write(e, 10_000);
    s.in(". 1:1(0) ack 1 <sack 1001:4001>");
    s.out(". 1:1001(1000)");
    int sent = 0;
    for (int i = 5; i <= 10; i++) {
      s.in(". 1:1(0) ack 1 <sack 1001:" + (1000 * i + 1) + ">");
      sent += s.drop();
    }
    // CUBIC's 0.7 of what was delivered.
    assertTrue(sent >= 3 && sent <= 6, "sent " + sent);
  }

  @Test
  void withoutSackThreeDuplicatesStartRecoveryRfc6582Section32() {
    TcpEndpoint e = tenOut("mss 1000");
    s.in(". 1:1(0) ack 1");
    s.in(". 1:1(0) ack 1");
    s.nothing();
    s.in(". 1:1(0) ack 1");
    s.out(". 1:1001(1000)");
    assertEquals(3, e.info().congestionState());
    assertEquals(1, s.count(Counter.TcpExt_TCPRenoRecovery));
  }

  @Test
  void aPartialAckRetransmitsTheNextHoleRfc6582Section32() {
    TcpEndpoint e = tenOut("mss 1000");
    for (int i = 0; i < 5; i++) {
      s.in(". 1:1(0) ack 1");
    }
    s.out(". 1:1001(1000)");
    s.drop();
    s.in(". 1:1(0) ack 3001");
    s.out(". 3001:4001(1000)");
    s.in(". 1:1(0) ack 10001");
    assertEquals(0, e.info().congestionState());
  }

  @Test
  void aDuplicateWithDataOrWindowIsNoneRfc5681Section2() {
    tenOut("mss 1000");
    for (int i = 0; i < 4; i++) {
      s.in(". " + (1 + 10 * i) + ":" + (11 + 10 * i) + "(10) ack 1");
      s.in(". 41:41(0) ack 1 win " + (65_000 - i));
    }
    for (String t = s.next(); t != null; t = s.next()) {
      assertTrue(t.contains("(0)"), t);
    }
    assertEquals(0, s.count(Counter.TcpExt_TCPRenoRecovery));
  }

  @Test
  void limitedTransmitRfc3042Section2() {
    TcpEndpoint e = tenOut();
    s.write(e, 3000);
    s.nothing();
    s.in(". 1:1(0) ack 1 <sack 1001:2001>");
    s.out(". 10001:11001(1000)");
    s.in(". 1:1(0) ack 1 <sack 1001:3001>");
    s.out(". 11001:12001(1000)");
  }

  @Test
  void timeoutRetransmitsTheFirstSegmentRfc6298Section54() {
    TcpEndpoint e = tenOut("mss 1000");
    s.after(190);
    s.nothing();
    s.after(20);
    s.out(". 1:1001(1000)");
    s.nothing();
    assertEquals(1, e.info().sendWindow());
    assertEquals(4, e.info().congestionState());
    s.after(430);
    s.out(". 1:1001(1000)");
    s.nothing();
    assertEquals(2, e.info().backoff());
  }

  @Test
  void afterATimeoutSlowStartFillsTheHolesRfc5681Section31() {
    TcpEndpoint e = tenOut("mss 1000");
    s.after(210);
    s.out(". 1:1001(1000)");
    s.after(10);
    s.in(". 1:1(0) ack 1001");
    s.out(". 1001:2001(1000)");
    s.out(". 2001:3001(1000)");
    s.nothing();
    s.in(". 1:1(0) ack 10001");
    assertEquals(0, e.info().congestionState());
  }

  @Test
  void timeoutsEndTheConnectionRfc9293Section383() {
    TcpEndpoint e = tenOut("mss 1000");
    s.after(1_200_000);
    assertEquals(Errno.ETIMEDOUT, e.takeError());
    assertEquals(0, s.tcp.connections());
    assertEquals(0, s.pool.outstanding());
  }

  @Test
  void userTimeoutEndsItSoonerTcp7() {
    TcpEndpoint e = tenOut("mss 1000");
    e.setOption(SocketOption.TCP_USER_TIMEOUT, 2000);
    s.after(1500);
    assertEquals(State.ESTABLISHED, e.state());
    s.after(3000);
    assertEquals(State.CLOSED, e.state());
    assertEquals(Errno.ETIMEDOUT, e.takeError());
  }

  @Test
  void aTailLossProbeIsSentRfc8985Section72() {
    TcpEndpoint e = tenOut();
    s.in(". 1:1(0) ack 1001");
    s.drop();
    s.after(30);
    s.out(". 9001:10001(1000)");
    assertEquals(1, s.count(Counter.TcpExt_TCPLossProbes));
    s.after(10);
    // What the probe shows starts fast recovery instead of a timeout.
    s.in(". 1:1(0) ack 1001 <sack 9001:10001>");
    s.after(10);
    assertTrue(s.drop() >= 1);
    assertEquals(3, e.info().congestionState());
  }

  @Test
  void aTailLossProbePrefersNewDataRfc8985Section73() {
    TcpEndpoint e = tenOut();
    s.write(e, 5000);
    s.after(30);
    s.out(". 10001:11001(1000)");
    s.nothing();
  }

  @Test
  void aProbeThatRepairedALossHalvesTheWindowRfc8985Section742() {
    TcpEndpoint e = tenOut();
    int before = e.info().sendWindow();
    s.in(". 1:1(0) ack 9001");
    s.after(300);
    s.out(". 9001:10001(1000)");
    s.in(". 1:1(0) ack 10001");
    s.write(e, 1000);
    s.drop();
    s.in(". 1:1(0) ack 11001");
    assertTrue(e.info().sendThreshold() < before * 2, "threshold " + e.info().sendThreshold());
  }

  @Test
  void aProbeReportedAsDuplicateCostsNothingRfc8985Section742() {
    TcpEndpoint e = tenOut();
    s.in(". 1:1(0) ack 9001");
    s.after(300);
    s.out(". 9001:10001(1000)");
    s.in(". 1:1(0) ack 10001 <sack 9001:10001>");
    s.write(e, 1000);
    s.drop();
    s.in(". 1:1(0) ack 11001");
    assertTrue(e.info().sendThreshold() > 1_000_000);
  }

  @Test
  void aLostRetransmissionIsSentAgainWithoutATimeoutRfc8985Section62() {
    TcpEndpoint e = tenOut();
    s.write(e, 10_000);
    s.in(". 1:1(0) ack 1 <sack 1001:4001>");
    s.out(". 1:1001(1000)");
    s.drop();
    s.after(10);
    s.in(". 1:1(0) ack 1 <sack 1001:10001>");
    s.drop();
    s.after(10);
    // Data sent after the retransmission arrives; the retransmission did not.
    s.in(". 1:1(0) ack 1 <sack 1001:12001>");
    s.after(10);
    boolean again = false;
    for (String t = s.next(); t != null; t = s.next()) {
      again |= t.contains(" 1:1001(");
    }
    assertTrue(again);
    assertEquals(0, s.count(Counter.TcpExt_TCPTimeouts));
    assertEquals(3, e.info().congestionState());
  }

  @Test
  void reorderingIsWaitedForRfc8985Section62() {
    TcpEndpoint e = tenOut();
    s.in(". 1:1(0) ack 1 <sack 1001:2001>");
    s.nothing();
    s.in(". 1:1(0) ack 2001");
    assertEquals(0, e.info().congestionState());
    assertEquals(0, s.count(Counter.Tcp_RetransSegs));
  }

  @Test
  void aSpuriousTimeoutIsUndoneRfc4015Section3() {
    TcpEndpoint e = tenOutStamped();
    s.after(400);
    assertTrue(s.drop() > 0);
    assertEquals(4, e.info().congestionState());
    // The peer acknowledges what was sent first.
    s.in(". 1:1(0) ack 10001 <TS val 130 ecr 10>");
    assertEquals(0, e.info().congestionState());
    assertTrue(e.info().sendWindow() >= 10, "window " + e.info().sendWindow());
    assertTrue(s.count(Counter.TcpExt_TCPLossUndo) >= 1);
  }

  private TcpEndpoint tenOutStamped() {
    TcpEndpoint l = s.listener();
    s.in("S 0:0(0) win 65535 <mss 1012,sackOK,TS val 100 ecr 0>");
    s.out("S. 0:0(0) ack 1");
    s.after(10);
    s.in(". 1:1(0) ack 1 <TS val 110 ecr last>");
    TcpEndpoint e = l.accept().endpoint();
    s.write(e, 10_000);
    assertEquals(10, s.drop());
    return e;
  }

  @Test
  void duplicateReportsUndoARecoveryRfc3708Section2() {
    TcpEndpoint e = tenOut();
    s.in(". 1:1(0) ack 1 <sack 1001:4001>");
    s.out(". 1:1001(1000)");
    assertEquals(3, e.info().congestionState());
    s.in(". 1:1(0) ack 4001 <sack 1:1001>");
    assertEquals(0, e.info().congestionState());
    assertTrue(e.info().sendWindow() >= 10);
  }

  @Test
  void aPeerThatTakesItsSacksBackIsBelievedAtTimeoutRfc2018Section8() {
    TcpEndpoint e = tenOut();
    s.in(". 1:1(0) ack 1 <sack 1001:10001>");
    s.out(". 1:1001(1000)");
    s.in(". 1:1(0) ack 1001");
    s.drop();
    s.after(500);
    boolean head = false;
    for (String t = s.next(); t != null; t = s.next()) {
      head |= t.contains(" 1001:2001(");
    }
    assertTrue(head);
    assertEquals(State.ESTABLISHED, e.state());
  }

  @Test
  void nonsenseInSackBlocksIsIgnoredRfc2018Section5() {
    TcpEndpoint e = tenOut();
    s.in(". 1:1(0) ack 1 <sack 5000:4000 900000:900100 -500:-400>");
    s.in(". 1:1(0) ack 1 <sack 3:7>");
    s.in(". 1:1(0) ack 1 <sack 1500:1600>");
    s.nothing();
    s.in(". 1:1(0) ack 10001");
    assertEquals(0, e.info().unacked());
  }

  @Test
  void twoTimeoutsDoNotHalveTwiceRfc5681Section31() {
    TcpEndpoint e = tenOut("mss 1000");
    s.after(250);
    int first = e.info().sendThreshold();
    s.after(500);
    assertEquals(first, e.info().sendThreshold());
  }

  @Test
  void renoHalvesRfc5681Section32() {
    TcpEndpoint e = tenOut();
    assertEquals(-Errno.ENOENT, e.congestionControl("vegas"));
    assertEquals(0, e.congestionControl("reno"));
    assertEquals("reno", e.congestionControl());
    s.in(". 1:1(0) ack 1 <sack 1001:4001>");
    assertEquals(5, e.info().sendThreshold());
  }

  @Test
  void cubicReducesToSeventyPercentRfc9438Section46() {
    TcpEndpoint e = tenOut();
    s.in(". 1:1(0) ack 1 <sack 1001:4001>");
    assertEquals(7, e.info().sendThreshold());
  }

  @Test
  void whatWaitedBehindARetransmissionIsNotMeasuredRfc6298Section3() {
    TcpEndpoint e = tenOut("mss 1000");
    int before = e.info().rtt();
    s.after(250);
    s.out(". 1:1001(1000)");
    // The other nine arrived long ago; only now they are acknowledged.
    s.in(". 1:1(0) ack 10001");
    assertEquals(before, e.info().rtt());
    s.write(e, 1000);
    s.out("P. 10001:11001(1000)");
    s.after(10);
    s.in(". 1:1(0) ack 11001");
    assertEquals(10_000, e.info().rtt());
  }

  @Test
  void anEchoOlderThanTheRetransmissionIsNotMeasured() {
    TcpEndpoint e = tenOutStamped();
    int before = e.info().rtt();
    s.after(400);
    s.drop();
    // The acknowledgement of the original was lost; the duplicate is answered with its echo.
    s.in(". 1:1(0) ack 10001 <TS val 130 ecr 10>");
    assertEquals(before, e.info().rtt());
  }
}
