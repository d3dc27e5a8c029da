package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** SO_MAX_PACING_RATE (socket(7)) and pacing of all connections. */
final class PacingTest {
  private final Script s = new Script();

  @Test
  void afterTheFirstWindowSegmentsKeepTheirDistance() {
    TcpEndpoint e = s.accepted();
    // One segment of 1000 bytes and its headers in ten milliseconds.
    e.maxPacingRate(105_200);
    assertEquals(105_200, e.maxPacingRate());
    s.write(e, 14_000);
    assertEquals(10, s.drop(), "the first window goes as it is");
    s.in(". 1:1(0) ack 10001");
    assertEquals(1, s.drop());
    s.after(9);
    s.nothing();
    s.after(1);
    s.out(". 11001:12001(1000)");
    s.after(10);
    s.out(". 12001:13001(1000)");
    s.nothing();
    // Without a limit the rest goes at once.
    e.maxPacingRate(-1);
    s.out("P. 13001:14001(1000)");
    assertEquals(-1, e.maxPacingRate());
  }

  @Test
  void repairsArePacedToo() {
    TcpEndpoint e = s.accepted();
    e.maxPacingRate(105_200);
    s.write(e, 10_000);
    s.drop();
    s.in(". 1:1(0) ack 1 <sack 4001:10001>");
    s.out(". 1:1001(1000)");
    s.after(9);
    s.nothing();
    s.after(1);
    s.out(". 1001:2001(1000)");
    s.after(10);
    s.out(". 2001:3001(1000)");
  }

  @Test
  void aStackThatPacesSpreadsAWindowOverARoundTrip() {
    s.settings.pacing = true;
    TcpEndpoint l = s.listener();
    s.in("S 0:0(0) win 65535 <mss 1000,sackOK>");
    s.out("S. 0:0(0) ack 1");
    s.after(100);
    s.in(". 1:1(0) ack 1 win 65535");
    TcpEndpoint e = l.accept().endpoint();
    s.write(e, 10_000);
    s.drop();
    s.after(100);
    s.in(". 1:1(0) ack 10001");
    s.write(e, 16_000);
    // 20 segments in 100 ms, twice that in slow start: one every 2.6 ms with headers.
    int first = s.drop();
    assertTrue(first <= 2, "sent at once: " + first);
    s.after(20);
    int then = s.drop();
    assertTrue(then >= 6 && then <= 9, "in 20 ms: " + then);
    s.after(30);
    assertEquals(16, first + then + s.drop());
  }

  @Test
  void waitingForItsTimeIsNoClosedWindow() {
    TcpEndpoint e = s.accepted();
    e.maxPacingRate(1052);
    s.write(e, 12_000);
    s.drop();
    s.in(". 1:1(0) ack 10001");
    s.out(". 10001:11001(1000)");
    s.in(". 1:1(0) ack 11001");
    s.after(990);
    s.nothing();
    s.after(10);
    s.out("P. 11001:12001(1000)");
    assertEquals(0, e.info().probes());
  }
}
