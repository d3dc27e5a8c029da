package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.stats.Counter;
import org.junit.jupiter.api.Test;

/** What is sent when (RFC 9293 sections 3.7 and 3.8.6). */
final class SendingTest {
  private final Script s = new Script();

  @Test
  void theInitialWindowIsTenSegmentsRfc6928Section2() {
    TcpEndpoint e = s.accepted();
    s.write(e, 14_000);
    for (int i = 0; i < 10; i++) {
      s.out(". " + (1 + 1000 * i) + ":" + (1001 + 1000 * i) + "(1000)");
    }
    s.nothing();
    s.in(". 1:1(0) ack 2001");
    // Slow start: two acknowledged, four more.
    assertEquals(4, s.drop());
  }

  @Test
  void nagleHoldsASecondSmallSegmentRfc9293Section374() {
    TcpEndpoint e = s.accepted();
    s.write(e, 100);
    s.out("P. 1:101(100)");
    s.write(e, 100);
    s.nothing();
    s.write(e, 100);
    s.nothing();
    s.in(". 1:1(0) ack 101");
    s.out("P. 101:301(200)");
  }

  @Test
  void nagleSendsFullSegmentsRfc896() {
    TcpEndpoint e = s.accepted();
    s.write(e, 100);
    s.out("P. 1:101(100)");
    s.write(e, 1950);
    s.out(". 101:1101(1000)");
    s.nothing();
    s.in(". 1:1(0) ack 101");
    s.out("P. 1101:2051(950)");
  }

  @Test
  void noDelayTurnsNagleOffRfc9293Section374() {
    TcpEndpoint e = s.accepted();
    assertEquals(0, e.setOption(SocketOption.TCP_NODELAY, 1));
    s.write(e, 100);
    s.out("P. 1:101(100)");
    s.write(e, 100);
    s.out("P. 101:201(100)");
  }

  @Test
  void corkHoldsPartialSegmentsFor200MillisecondsTcp7() {
    TcpEndpoint e = s.accepted();
    e.setOption(SocketOption.TCP_CORK, 1);
    s.write(e, 1500);
    s.out(". 1:1001(1000)");
    s.nothing();
    s.after(190);
    s.drop();
    s.in(". 1:1(0) ack 1001");
    s.after(20);
    s.out("P. 1001:1501(500)");
    s.write(e, 300);
    s.nothing();
    e.setOption(SocketOption.TCP_CORK, 0);
    s.in(". 1:1(0) ack 1501");
    s.out("P. 1501:1801(300)");
  }

  @Test
  void msgMoreHoldsUntilTheNextWriteSend2() {
    TcpEndpoint e = s.accepted();
    assertEquals(100, e.write(new byte[100], 0, 100, true));
    s.nothing();
    s.write(e, 50);
    s.out("P. 1:151(150)");
  }

  @Test
  void thePeersMssIsRespectedRfc9293Section371() {
    TcpEndpoint e = s.accepted("mss 700", 65_535);
    s.write(e, 1000);
    s.out(". 1:701(700)");
    s.out("P. 701:1001(300)");
  }

  @Test
  void withoutAnMssOption536IsAssumedRfc9293Section371() {
    TcpEndpoint e = s.accepted("nop", 65_535);
    s.write(e, 1000);
    s.out(". 1:537(536)");
    s.out("P. 537:1001(464)");
  }

  @Test
  void optionsCountAgainstTheMssRfc6691Section3() {
    TcpEndpoint e = s.accepted("mss 1000,TS val 1 ecr 0", 65_535);
    s.write(e, 2000);
    s.out(". 1:989(988)");
  }

  @Test
  void thePeersWindowIsRespectedRfc9293Section38() {
    TcpEndpoint e = s.accepted("mss 1000", 2500);
    s.write(e, 5000);
    s.out(". 1:1001(1000)");
    s.out(". 1001:2001(1000)");
    s.nothing();
    s.in(". 1:1(0) ack 2001 win 1000");
    s.out(". 2001:3001(1000)");
    s.nothing();
  }

  @Test
  void sillyWindowIsAvoidedRfc9293Section38621() {
    TcpEndpoint e = s.accepted("mss 1000", 4000);
    s.write(e, 5000);
    assertEquals(4, s.drop());
    s.in(". 1:1(0) ack 4001 win 400");
    // Less than a segment and less than half the largest window: held back.
    s.nothing();
    s.in(". 1:1(0) ack 4001 win 1000");
    s.out("P. 4001:5001(1000)");
  }

  @Test
  void aZeroWindowIsProbedRfc9293Section3861() {
    TcpEndpoint e = s.accepted("mss 1000", 1000);
    s.write(e, 2000);
    s.out(". 1:1001(1000)");
    s.in(". 1:1(0) ack 1001 win 0");
    s.nothing();
    s.after(250);
    s.out(". 1000:1000(0) ack 1");
    s.in(". 1:1(0) ack 1001 win 0");
    s.after(500);
    s.out(". 1000:1000(0) ack 1");
    s.in(". 1:1(0) ack 1001 win 0");
    s.after(1000);
    s.out(". 1000:1000(0) ack 1");
    s.in(". 1:1(0) ack 1001 win 1000");
    s.out("P. 1001:2001(1000)");
    assertTrue(s.count(Counter.TcpExt_TCPWinProbe) >= 3);
  }

  @Test
  void aPeerThatAnswersProbesIsKeptForeverRfc9293Section3861() {
    TcpEndpoint e = s.accepted("mss 1000", 1000);
    s.write(e, 2000);
    s.drop();
    s.in(". 1:1(0) ack 1001 win 0");
    for (int i = 0; i < 100; i++) {
      s.after(130_000);
      assertTrue(s.drop() > 0);
      s.in(". 1:1(0) ack 1001 win 0");
    }
    assertEquals(State.ESTABLISHED, e.state());
  }

  @Test
  void aPeerThatDoesNotAnswerProbesIsGivenUpRfc9293Section383() {
    TcpEndpoint e = s.accepted("mss 1000", 1000);
    s.write(e, 2000);
    s.drop();
    s.in(". 1:1(0) ack 1001 win 0");
    s.after(3_000_000);
    assertEquals(Errno.ETIMEDOUT, e.takeError());
  }

  @Test
  void userTimeoutEndsAZeroWindowTcp7() {
    TcpEndpoint e = s.accepted("mss 1000", 1000);
    e.setOption(SocketOption.TCP_USER_TIMEOUT, 5000);
    s.write(e, 2000);
    s.drop();
    s.in(". 1:1(0) ack 1001 win 0");
    s.after(60_000);
    assertEquals(Errno.ETIMEDOUT, e.takeError());
  }

  @Test
  void anOldSegmentDoesNotChangeTheWindowRfc9293Section31074() {
    TcpEndpoint e = s.accepted("mss 1000", 1000);
    s.in("P. 1:11(10) ack 1 win 3000");
    s.in(". 1:1(0) ack 1 win 100");
    s.drop();
    s.write(e, 3000);
    assertEquals(3, s.drop());
  }

  @Test
  void theWindowShrinksAfterIdleRfc5681Section41() {
    TcpEndpoint e = s.accepted();
    int acked = 1;
    for (int i = 0; i < 4; i++) {
      s.write(e, 10_000);
      s.after(1);
      s.drop();
      acked += 10_000;
      s.in(". 1:1(0) ack " + acked);
    }
    int before = e.info().sendWindow();
    assertTrue(before > 15, "window " + before);
    s.after(10_000);
    s.write(e, 1000);
    s.drop();
    assertEquals(10, e.info().sendWindow());
  }

  @Test
  void writesStopAtTheSendBuffer() {
    TcpEndpoint e = s.accepted("mss 1000", 1000);
    e.setOption(SocketOption.SO_SNDBUF, 10_000);
    assertEquals(20_000, e.getOption(SocketOption.SO_SNDBUF));
    assertEquals(20_000, e.write(new byte[50_000], 0, 50_000, false));
    assertEquals(-Errno.EAGAIN, e.write(new byte[1], 0, 1, false));
    assertEquals(0, e.readiness() & Readiness.OUT);
    assertEquals(20_000, e.unacknowledged());
    assertEquals(19_000, e.unsent());
    java.util.concurrent.atomic.AtomicInteger events =
        new java.util.concurrent.atomic.AtomicInteger();
    e.onReadiness(ev -> events.accumulateAndGet(ev, (x, y) -> x | y));
    s.in(". 1:1(0) ack 1001 win 20000");
    s.drop();
    s.in(". 1:1(0) ack 11001 win 20000");
    assertTrue((events.get() & Readiness.OUT) != 0);
    assertTrue((e.readiness() & Readiness.OUT) != 0);
  }

  @Test
  void maxSegIsRespectedTcp7() {
    TcpEndpoint l = s.listener();
    assertEquals(-Errno.EINVAL, l.setOption(SocketOption.TCP_MAXSEG, 10));
    assertEquals(0, l.setOption(SocketOption.TCP_MAXSEG, 600));
    s.in("S 0:0(0) win 65535 <mss 1000>");
    s.out("S. 0:0(0) ack 1 <mss 600>");
    s.in(". 1:1(0) ack 1");
    s.write(l.accept().endpoint(), 700);
    s.out(". 1:601(600)");
  }
}
