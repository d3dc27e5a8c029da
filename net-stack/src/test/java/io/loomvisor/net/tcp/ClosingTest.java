package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.stats.Counter;
import org.junit.jupiter.api.Test;

/** Closing a connection (RFC 9293 section 3.6). */
final class ClosingTest {
  private final Script s = new Script();

  @Test
  void activeCloseRfc9293Section36Figure12() {
    TcpEndpoint e = s.accepted();
    assertEquals(0, e.shutdown(false, true));
    s.out("F. 1:1(0) ack 1");
    assertEquals(State.FIN_WAIT_1, e.state());
    s.in(". 1:1(0) ack 2");
    assertEquals(State.FIN_WAIT_2, e.state());
    s.in("F. 1:1(0) ack 2");
    s.out(". 2:2(0) ack 2");
    assertEquals(State.TIME_WAIT, e.state());
    s.after(60_000);
    assertEquals(State.CLOSED, e.state());
    assertEquals(0, s.tcp.connections());
  }

  @Test
  void passiveCloseRfc9293Section36Figure12() {
    TcpEndpoint e = s.accepted();
    s.in("F. 1:1(0) ack 1");
    s.out(". 1:1(0) ack 2");
    assertEquals(State.CLOSE_WAIT, e.state());
    assertEquals(0, s.read(e));
    e.close();
    s.out("F. 1:1(0) ack 2");
    assertEquals(State.LAST_ACK, e.state());
    s.in(". 2:2(0) ack 2");
    assertEquals(State.CLOSED, e.state());
    assertEquals(0, s.tcp.connections());
  }

  @Test
  void simultaneousCloseRfc9293Section36Figure13() {
    TcpEndpoint e = s.accepted();
    e.shutdown(false, true);
    s.out("F. 1:1(0) ack 1");
    s.in("F. 1:1(0) ack 1");
    s.out(". 2:2(0) ack 2");
    assertEquals(State.CLOSING, e.state());
    s.in(". 2:2(0) ack 2");
    assertEquals(State.TIME_WAIT, e.state());
  }

  @Test
  void halfCloseStillReceivesRfc9293Section36() {
    TcpEndpoint e = s.accepted();
    e.shutdown(false, true);
    s.out("F. 1:1(0) ack 1");
    s.in("P. 1:101(100) ack 2");
    s.out(". 2:2(0) ack 101");
    assertEquals(100, s.read(e));
    assertEquals(-Errno.EPIPE, e.write(new byte[1], 0, 1, false));
  }

  @Test
  void halfCloseStillSendsRfc9293Section36() {
    TcpEndpoint e = s.accepted();
    s.in("F. 1:1(0) ack 1");
    s.out(". 1:1(0) ack 2");
    s.write(e, 100);
    s.out("P. 1:101(100) ack 2");
    assertTrue((e.readiness() & Readiness.RDHUP) != 0);
    assertEquals(0, e.readiness() & Readiness.HUP);
  }

  @Test
  void theFinGoesBehindTheDataRfc9293Section3104() {
    TcpEndpoint e = s.accepted("mss 1000,sackOK", 1500);
    s.write(e, 3000);
    e.close();
    s.out(". 1:1001(1000)");
    s.nothing();
    s.in(". 1:1(0) ack 1001 win 3000");
    s.out(". 1001:2001(1000)");
    s.out("F. 2001:3001(1000)");
    assertEquals(State.FIN_WAIT_1, e.state());
  }

  @Test
  void theFinIsRetransmittedRfc6298Section5() {
    TcpEndpoint e = s.accepted();
    e.close();
    s.out("F. 1:1(0) ack 1");
    s.after(250);
    s.out("F. 1:1(0) ack 1");
    s.in(". 1:1(0) ack 2");
    assertEquals(State.FIN_WAIT_2, e.state());
  }

  @Test
  void closeWithUnreadDataResetsRfc2525Section217() {
    TcpEndpoint e = s.accepted();
    s.in("P. 1:101(100) ack 1");
    s.out(". 1:1(0) ack 101");
    e.close();
    s.out("R. 1:1(0) ack 101");
    assertEquals(1, s.count(Counter.TcpExt_TCPAbortOnClose));
    assertEquals(0, s.tcp.connections());
  }

  @Test
  void dataAfterCloseResetsRfc9293Section361() {
    TcpEndpoint e = s.accepted();
    e.close();
    s.out("F. 1:1(0) ack 1");
    s.in("P. 1:101(100) ack 2");
    s.out("R 2:2(0)");
    assertEquals(1, s.count(Counter.TcpExt_TCPAbortOnData));
    assertEquals(0, s.tcp.connections());
  }

  @Test
  void lingerZeroResetsSocket7() {
    TcpEndpoint e = s.accepted();
    e.linger(true, 0);
    e.close();
    s.out("R. 1:1(0) ack 1");
    assertEquals(0, s.tcp.connections());
  }

  @Test
  void drainedTellsWhenLingeringIsOver() {
    TcpEndpoint e = s.accepted();
    s.write(e, 10);
    e.shutdown(false, true);
    assertFalse(e.drained());
    s.drop();
    s.in(". 1:1(0) ack 12");
    assertTrue(e.drained());
  }

  @Test
  void aRetransmittedFinInTimeWaitIsAckedAndRestartsItRfc9293Section31074() {
    TcpEndpoint e = s.accepted();
    e.close();
    s.out("F. 1:1(0) ack 1");
    s.in("F. 1:1(0) ack 2");
    s.out(". 2:2(0) ack 2");
    s.after(50_000);
    s.in("F. 1:1(0) ack 2");
    s.out(". 2:2(0) ack 2");
    s.after(50_000);
    assertEquals(State.TIME_WAIT, e.state());
    s.after(10_000);
    assertEquals(State.CLOSED, e.state());
  }

  @Test
  void aNewSynMayEndTimeWaitRfc9293Section361() {
    TcpEndpoint l = s.listener();
    TcpEndpoint e = s.accepted(l, "mss 1000", 1000);
    e.close();
    s.out("F. 1:1(0) ack 1");
    s.in("F. 1:1(0) ack 2");
    s.out(". 2:2(0) ack 2");
    s.in("S 100000:100000(0) win 1000 <mss 1000>");
    s.forget();
    s.out("S. 0:0(0) ack 100001");
    assertEquals(1, s.count(Counter.TcpExt_TWRecycled));
  }

  @Test
  void anOldSynDoesNotEndTimeWaitRfc9293Section361() {
    TcpEndpoint l = s.listener();
    TcpEndpoint e = s.accepted(l, "mss 1000", 1000);
    e.close();
    s.out("F. 1:1(0) ack 1");
    s.in("F. 1:1(0) ack 2");
    s.out(". 2:2(0) ack 2");
    s.in("S -5000:-5000(0) win 1000 <mss 1000>");
    s.out(". 2:2(0) ack 2");
    assertEquals(State.TIME_WAIT, e.state());
  }

  @Test
  void anOrphanLeavesFinWait2AfterAWhileTcp7() {
    TcpEndpoint e = s.accepted();
    e.close();
    s.out("F. 1:1(0) ack 1");
    s.in(". 1:1(0) ack 2");
    assertEquals(State.FIN_WAIT_2, e.state());
    s.after(60_000);
    assertEquals(State.CLOSED, e.state());
  }

  @Test
  void finWait2WithAnApplicationStaysTcp7() {
    TcpEndpoint e = s.accepted();
    e.shutdown(false, true);
    s.out("F. 1:1(0) ack 1");
    s.in(". 1:1(0) ack 2");
    s.after(600_000);
    assertEquals(State.FIN_WAIT_2, e.state());
  }

  @Test
  void shutdownOfAnAttemptEndsIt() {
    TcpEndpoint e = s.connecting();
    s.out("S 0:0(0)");
    assertEquals(0, e.shutdown(true, true));
    assertEquals(State.CLOSED, e.state());
    assertEquals(-Errno.ENOTCONN, e.shutdown(true, true));
  }

  @Test
  void dataBeyondTheFinIsIgnoredRfc9293Section31074() {
    TcpEndpoint e = s.accepted();
    s.in("F. 1:11(10) ack 1");
    s.drop();
    s.in("P. 12:22(10) ack 1");
    s.drop();
    assertEquals(10, s.read(e));
    assertEquals(0, s.read(e));
  }

  @Test
  void readAfterShutdownOfReadingGivesTheRestThenTheEnd() {
    TcpEndpoint e = s.accepted();
    s.in("P. 1:11(10) ack 1");
    e.shutdown(true, false);
    assertEquals(10, s.read(e));
    assertEquals(0, s.read(e));
  }
}
