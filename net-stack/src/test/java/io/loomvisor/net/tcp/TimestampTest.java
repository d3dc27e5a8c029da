package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.stats.Counter;
import org.junit.jupiter.api.Test;

/** Timestamps and protection against wrapped sequence numbers (RFC 7323). */
final class TimestampTest {
  private final Script s = new Script();

  private TcpEndpoint stamped() {
    return s.accepted("mss 1000,sackOK,TS val 100 ecr 0", 65_535);
  }

  @Test
  void everySegmentCarriesThemRfc7323Section32() {
    TcpEndpoint e = stamped();
    s.after(7);
    s.write(e, 10);
    s.out("P. 1:11(10) ack 1 <TS val 7 ecr 100>");
  }

  @Test
  void theEchoIsOfWhatWasAckedLastRfc7323Section43() {
    s.accepted("mss 1000,TS val 100 ecr 0", 65_535);
    s.in(". 1:11(10) ack 1 <TS val 110 ecr 0>");
    s.out(". 1:1(0) ack 11 <TS val 0 ecr 110>");
    // Beyond a gap: not echoed until the gap is filled.
    s.in(". 21:31(10) ack 1 <TS val 120 ecr 0>");
    s.out(". 1:1(0) ack 11 <TS val 0 ecr 110>");
    s.in(". 11:21(10) ack 1 <TS val 115 ecr 0>");
    s.out(". 1:1(0) ack 31 <TS val 0 ecr 115>");
  }

  @Test
  void anOldSegmentIsRejectedRfc7323Section53() {
    TcpEndpoint e = stamped();
    s.in(". 1:11(10) ack 1 <TS val 90 ecr 0>");
    s.out(". 1:1(0) ack 1");
    assertEquals(-Errno.EAGAIN, s.read(e));
    assertEquals(1, s.count(Counter.TcpExt_PAWSEstab));
  }

  @Test
  void aResetIsNotRejectedRfc7323Section53() {
    TcpEndpoint e = stamped();
    s.in("R 1:1(0) win 0 <TS val 90 ecr 0>");
    assertEquals(State.CLOSED, e.state());
  }

  @Test
  void after24DaysTheOldValueIsVoidRfc7323Section55() {
    TcpEndpoint e = stamped();
    s.after(25L * 86_400_000);
    s.in(". 1:11(10) ack 1 <TS val 90 ecr 0>");
    s.out(". 1:1(0) ack 11");
    assertEquals(10, s.read(e));
  }

  @Test
  void theRoundTripIsMeasuredEvenOfARetransmissionRfc7323Section4() {
    TcpEndpoint e = stamped();
    s.write(e, 10);
    s.next();
    s.after(300);
    s.drop();
    s.in(". 1:1(0) ack 11 <TS val 101 ecr last>");
    assertTrue(e.info().rtt() < 1_000_000);
    assertEquals(0, e.info().backoff());
  }
}
