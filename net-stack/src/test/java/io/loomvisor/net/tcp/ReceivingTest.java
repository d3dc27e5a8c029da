package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.stats.Counter;
import org.junit.jupiter.api.Test;

/** Acknowledging, the window offered, reassembly, SACK as a receiver. */
final class ReceivingTest {
  private final Script s = new Script();

  @Test
  void theFirstSegmentsAreAckedAtOnceRfc9293Section3863() {
    s.accepted();
    s.in("P. 1:101(100) ack 1");
    s.out(". 1:1(0) ack 101");
    s.in("P. 101:201(100) ack 1");
    s.out(". 1:1(0) ack 201");
  }

  /** Past the quick phase. */
  private TcpEndpoint settled() {
    TcpEndpoint e = s.accepted();
    e.setOption(SocketOption.TCP_QUICKACK, 0);
    return e;
  }

  @Test
  void anAckIsDelayedRfc9293Section3863() {
    settled();
    s.in("P. 1:101(100) ack 1");
    s.nothing();
    s.after(39);
    s.nothing();
    s.after(2);
    s.out(". 1:1(0) ack 101");
    assertEquals(1, s.count(Counter.TcpExt_DelayedACKs));
  }

  @Test
  void everySecondSegmentIsAckedRfc5681Section42() {
    settled();
    s.in(". 1:1001(1000) ack 1");
    s.nothing();
    s.in(". 1001:2001(1000) ack 1");
    s.out(". 1:1(0) ack 2001");
    s.nothing();
  }

  @Test
  void dataCarriesTheAckRfc9293Section3863() {
    TcpEndpoint e = settled();
    s.in("P. 1:101(100) ack 1");
    s.write(e, 10);
    s.out("P. 1:11(10) ack 101");
    s.after(1);
    s.nothing();
  }

  @Test
  void outOfOrderDataIsAckedAtOnceRfc5681Section42() {
    TcpEndpoint e = settled();
    s.in(". 101:201(100) ack 1");
    s.out(". 1:1(0) ack 1 <sack 101:201>");
    s.in(". 1:101(100) ack 1");
    s.out(". 1:1(0) ack 201 <>");
    assertEquals(200, s.read(e));
  }

  @Test
  void theLatestBlockComesFirstRfc2018Section4() {
    s.accepted();
    s.in(". 201:301(100) ack 1");
    s.out(". 1:1(0) ack 1 <sack 201:301>");
    s.in(". 601:701(100) ack 1");
    s.out(". 1:1(0) ack 1 <sack 601:701 201:301>");
    s.in(". 401:501(100) ack 1");
    s.out(". 1:1(0) ack 1 <sack 401:501 201:301 601:701>");
    s.in(". 301:401(100) ack 1");
    s.out(". 1:1(0) ack 1 <sack 201:501 601:701>");
  }

  @Test
  void withoutPermissionThereIsNoSackRfc2018Section4() {
    s.accepted("mss 1000", 65_535);
    s.in(". 201:301(100) ack 1");
    s.out(". 1:1(0) ack 1 <>");
  }

  @Test
  void withTimestampsThreeBlocksFitRfc2018Section3() {
    s.accepted("mss 1000,sackOK,TS val 100 ecr 0", 65_535);
    for (int i = 0; i < 5; i++) {
      int at = 201 + 200 * i;
      s.in(". " + at + ":" + (at + 100) + "(100) ack 1 <TS val 101 ecr 0>");
    }
    for (int i = 0; i < 4; i++) {
      s.next();
    }
    s.out(". 1:1(0) ack 1 <TS val 0 ecr 100,sack 1001:1101 201:301 401:501>");
  }

  @Test
  void anOldDuplicateIsReportedRfc2883Section411() {
    s.accepted();
    s.in(". 1:101(100) ack 1");
    s.out(". 1:1(0) ack 101");
    s.in(". 1:101(100) ack 1");
    s.out(". 1:1(0) ack 101 <sack 1:101>");
  }

  @Test
  void aDuplicateBeyondAGapIsReportedRfc2883Section412() {
    s.accepted();
    s.in(". 201:301(100) ack 1");
    s.out(". 1:1(0) ack 1 <sack 201:301>");
    s.in(". 201:301(100) ack 1");
    s.out(". 1:1(0) ack 1 <sack 201:301 201:301>");
  }

  @Test
  void overlappingSegmentsAreMergedRfc9293Section31074() {
    TcpEndpoint e = s.accepted();
    s.in(". 51:151(100) ack 1");
    s.in(". 101:201(100) ack 1");
    s.in(". 1:61(60) ack 1");
    byte[] a = new byte[300];
    assertEquals(200, e.read(a, 0, 300));
    for (int i = 0; i < 200; i++) {
      // Injected bytes are numbered from the start of their segment.
      byte want = (byte) (i < 50 ? 1 + i : i < 100 ? 51 + i - 50 : i < 150 ? a[i] : 101 + i - 100);
      assertEquals(want, a[i], "at " + i);
    }
  }

  @Test
  void theWindowClosesAsDataIsNotReadRfc9293Section38622() {
    TcpEndpoint e = s.accepted();
    e.setOption(SocketOption.SO_RCVBUF, 5000);
    for (int i = 0; i < 80; i++) {
      s.in(". " + (1 + 1000 * i) + ":" + (1001 + 1000 * i) + "(1000) ack 1");
    }
    s.in(". 64241:64341(100) ack 1");
    String last = null;
    for (String t = s.next(); t != null; t = s.next()) {
      last = t;
    }
    assertTrue(last.contains(" win 0 "), last);
    // The window once offered was kept, and not a byte more.
    assertEquals(64_240, e.available());
    assertTrue(s.count(Counter.TcpExt_TCPZeroWindowDrop) > 0);
    assertEquals(64_240, s.read(e));
    s.out(". 1:1(0) ack 64241");
  }

  @Test
  void theWindowNeverShrinksRfc9293Section38621() {
    TcpEndpoint e = s.accepted("mss 1000,sackOK,wscale 7", 65_535);
    long right = 0;
    int seq = 1;
    for (int i = 0; i < 300; i++) {
      int n = i % 7 == 0 ? 1000 : 37;
      s.in(". " + seq + ":" + (seq + n) + "(" + n + ") ack 1");
      seq += n;
      if (i % 11 == 0) {
        e.read(new byte[500], 0, 500);
      }
      for (String t = s.next(); t != null; t = s.next()) {
        long ack = Long.parseLong(t.replaceAll(".* ack (\\d+) .*", "$1"));
        long win = Long.parseLong(t.replaceAll(".* win (\\d+) .*", "$1")) << 7;
        assertTrue(ack + win >= right, t);
        right = ack + win;
      }
    }
  }

  @Test
  void aWindowUpdateIsSentWhenWorthwhileRfc9293Section38622() {
    TcpEndpoint e = s.accepted();
    for (int i = 0; i < 60; i++) {
      s.in(". " + (1 + 1000 * i) + ":" + (1001 + 1000 * i) + "(1000) ack 1");
    }
    s.drop();
    assertEquals(100, e.read(new byte[100], 0, 100));
    s.nothing();
    assertEquals(59_900, s.read(e));
    s.out(". 1:1(0) ack 60001 win 65535");
  }

  @Test
  void aKeepAliveProbeIsAnsweredRfc9293Section384() {
    s.accepted();
    s.in(". 0:0(0) ack 1");
    s.out(". 1:1(0) ack 1");
  }

  @Test
  void aSegmentBeyondTheWindowIsAnsweredRfc9293Section31074() {
    TcpEndpoint e = s.accepted();
    s.in(". 200001:200101(100) ack 1");
    s.out(". 1:1(0) ack 1");
    assertEquals(-Errno.EAGAIN, s.read(e));
  }

  @Test
  void manyHolesCostBoundedMemory() {
    TcpEndpoint e = s.accepted();
    for (int i = 0; i < 4000; i++) {
      int at = 3 + 2 * i;
      s.in(". " + at + ":" + (at + 1) + "(1) ack 1");
      s.drop();
    }
    assertTrue(s.count(Counter.TcpExt_TCPOFODrop) > 3000);
    assertEquals(0, s.pool.outstanding());
    assertEquals(-Errno.EAGAIN, s.read(e));
  }

  @Test
  void peekLeavesTheDataRecv2() {
    TcpEndpoint e = s.accepted();
    s.in("P. 1:101(100) ack 1");
    byte[] a = new byte[10];
    byte[] b = new byte[10];
    assertEquals(10, e.peek(a, 0, 10));
    assertEquals(10, e.read(b, 0, 10));
    org.junit.jupiter.api.Assertions.assertArrayEquals(a, b);
    assertEquals(90, e.available());
    assertEquals(90, e.discard(1000));
    assertEquals(-Errno.EAGAIN, s.read(e));
  }

  @Test
  void readinessFollowsTheData() {
    TcpEndpoint e = s.accepted();
    java.util.concurrent.atomic.AtomicInteger calls =
        new java.util.concurrent.atomic.AtomicInteger();
    e.onReadiness(ev -> calls.incrementAndGet());
    assertEquals(Readiness.OUT, e.readiness());
    s.in("P. 1:101(100) ack 1");
    assertEquals(Readiness.OUT | Readiness.IN, e.readiness());
    s.in("P. 101:201(100) ack 1");
    assertEquals(2, calls.get());
    s.read(e);
    assertEquals(Readiness.OUT, e.readiness());
    s.in("F. 201:201(0) ack 1");
    assertEquals(Readiness.OUT | Readiness.IN | Readiness.RDHUP, e.readiness());
    e.shutdown(false, true);
    assertTrue((e.readiness() & Readiness.HUP) != 0);
  }

  @Test
  void theReceiveBufferGrowsWithTheReader() {
    TcpEndpoint e = s.accepted("mss 1000,sackOK,wscale 7", 65_535);
    int before = e.getOption(SocketOption.SO_RCVBUF);
    int seq = 1;
    for (int i = 0; i < 200; i++) {
      for (int k = 0; k < 40; k++) {
        s.in(". " + seq + ":" + (seq + 1000) + "(1000) ack 1");
        seq += 1000;
      }
      s.after(5);
      s.read(e);
      s.drop();
    }
    assertTrue(e.getOption(SocketOption.SO_RCVBUF) > before);
  }

  @Test
  void aFixedReceiveBufferStaysSocket7() {
    TcpEndpoint e = s.accepted("mss 1000,sackOK,wscale 7", 65_535);
    e.setOption(SocketOption.SO_RCVBUF, 50_000);
    assertEquals(100_000, e.getOption(SocketOption.SO_RCVBUF));
    int seq = 1;
    for (int i = 0; i < 100; i++) {
      for (int k = 0; k < 30; k++) {
        s.in(". " + seq + ":" + (seq + 1000) + "(1000) ack 1");
        seq += 1000;
      }
      s.after(5);
      s.read(e);
      s.drop();
    }
    assertEquals(100_000, e.getOption(SocketOption.SO_RCVBUF));
  }
}
