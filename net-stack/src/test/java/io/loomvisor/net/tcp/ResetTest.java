package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.stats.Counter;
import org.junit.jupiter.api.Test;

/** Resets and blind attacks (RFC 9293 section 3.5.2, RFC 5961). */
final class ResetTest {
  private final Script s = new Script();

  @Test
  void anExactResetEndsTheConnectionRfc5961Section32() {
    TcpEndpoint e = s.accepted();
    s.in("R 1:1(0) win 0");
    assertEquals(State.CLOSED, e.state());
    assertEquals(-Errno.ECONNRESET, s.read(e));
    assertEquals(0, s.read(e));
    assertEquals(-Errno.EPIPE, e.write(new byte[1], 0, 1, false));
    assertEquals(1, s.count(Counter.Tcp_EstabResets));
  }

  @Test
  void aResetInTheWindowIsChallengedRfc5961Section32() {
    TcpEndpoint e = s.accepted();
    s.in("R 100:100(0) win 0");
    s.out(". 1:1(0) ack 1");
    assertEquals(State.ESTABLISHED, e.state());
    assertEquals(1, s.count(Counter.TcpExt_TCPChallengeACK));
  }

  @Test
  void aResetOutsideTheWindowIsIgnoredRfc9293Section31074() {
    TcpEndpoint e = s.accepted();
    s.in("R 100000:100000(0) win 0");
    s.in("R 0:0(0) win 0");
    s.nothing();
    assertEquals(State.ESTABLISHED, e.state());
  }

  @Test
  void aSynInTheWindowIsChallengedRfc5961Section4() {
    TcpEndpoint e = s.accepted();
    s.in("S 50:50(0) win 1000");
    s.out(". 1:1(0) ack 1");
    assertEquals(State.ESTABLISHED, e.state());
  }

  @Test
  void aSynOutsideTheWindowIsChallengedRfc5961Section4() {
    TcpEndpoint e = s.accepted();
    s.in("S 5000000:5000000(0) win 1000");
    s.out(". 1:1(0) ack 1");
    assertEquals(State.ESTABLISHED, e.state());
  }

  @Test
  void anAckOfTheFutureIsChallengedAndItsDataDroppedRfc5961Section52() {
    TcpEndpoint e = s.accepted();
    s.in(". 1:11(10) ack 500");
    s.out(". 1:1(0) ack 1");
    assertEquals(-Errno.EAGAIN, s.read(e));
  }

  @Test
  void anAckOfTheDistantPastIsChallengedRfc5961Section52() {
    TcpEndpoint e = s.accepted("mss 1000,sackOK", 1000);
    s.in(". 1:11(10) ack -5000");
    s.out(". 1:1(0) ack 1");
    assertEquals(-Errno.EAGAIN, s.read(e));
  }

  @Test
  void challengesAreRateLimitedRfc5961Section7() {
    s.accepted();
    for (int i = 0; i < 100; i++) {
      s.in("R 100:100(0) win 0");
    }
    assertEquals(1, s.drop());
    s.after(600);
    s.in("R 100:100(0) win 0");
    assertEquals(1, s.drop());
  }

  @Test
  void aResetNeverAnswersAResetRfc9293Section31071() {
    s.in("R 1:1(0) win 0");
    s.in("R. 1:1(0) ack 1 win 0");
    s.nothing();
  }

  @Test
  void aSegmentWithoutAckIsDroppedRfc9293Section31074() {
    TcpEndpoint e = s.accepted();
    s.in("P 1:11(10) win 1000");
    s.nothing();
    assertEquals(-Errno.EAGAIN, s.read(e));
  }

  @Test
  void aResetDoesNotEndTimeWaitRfc1337Section4() {
    TcpEndpoint e = s.accepted();
    e.close();
    s.out("F. 1:1(0) ack 1");
    s.in("F. 1:1(0) ack 2");
    s.out(". 2:2(0) ack 2");
    assertEquals(State.TIME_WAIT, e.state());
    s.in("R 2:2(0) win 0");
    assertEquals(State.TIME_WAIT, e.state());
  }
}
