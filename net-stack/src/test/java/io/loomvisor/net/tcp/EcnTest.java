package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.socket.SocketOption;
import org.junit.jupiter.api.Test;

/** Explicit congestion notification (RFC 3168). */
final class EcnTest {
  private final Script s = new Script();

  /** The peer asked, and a window of ten segments is open. */
  private TcpEndpoint accepted() {
    TcpEndpoint l = s.listener();
    s.in("SEW 0:0(0) win 65535 <mss 1000,sackOK>");
    s.out("[noecn] SE. 0:0(0) ack 1");
    s.in(". 1:1(0) ack 1 win 65535");
    TcpEndpoint e = l.accept().endpoint();
    l.close();
    return e;
  }

  @Test
  void aPeerThatAsksIsAnsweredSection611() {
    TcpEndpoint e = accepted();
    s.write(e, 100);
    s.out("[ect0] P. 1:101(100) ack 1");
    assertTrue((e.info().options() & 8) != 0);
  }

  @Test
  void aPeerThatDoesNotAskGetsNone() {
    TcpEndpoint e = s.accepted();
    s.write(e, 100);
    s.out("[noecn] P. 1:101(100)");
    s.in("[ce] P. 1:101(100) ack 101");
    s.out(". 101:101(0) ack 101");
    s.write(e, 100);
    s.out("[noecn] P. 101:201(100) ack 101");
  }

  @Test
  void oneFlagOfTwoOrAMarkedSynDoesNotAskSection611() {
    s.listener();
    s.in("SE 0:0(0) win 65535 <mss 1000>");
    s.out("S. 0:0(0) ack 1");
    s.peerPort(5001);
    s.in("[ect0] SEW 0:0(0) win 65535 <mss 1000>");
    s.out("S. 0:0(0) ack 1");
    s.settings.ecn = 0;
    s.peerPort(5002);
    s.in("SEW 0:0(0) win 65535 <mss 1000>");
    s.out("S. 0:0(0) ack 1");
  }

  @Test
  void thisSideAsksIfItIsToAndAgreesWithEceAloneSection611() {
    s.settings.ecn = 1;
    TcpEndpoint e = s.connecting();
    s.out("[noecn] SEW 0:0(0)");
    s.in("SE. 0:0(0) ack 1 win 65535 <mss 1000,sackOK>");
    s.out("[noecn] . 1:1(0) ack 1");
    s.write(e, 10);
    s.out("[ect0] P. 1:11(10)");
  }

  @Test
  void bothFlagsInASynAckAreNoConsentSection611() {
    s.settings.ecn = 1;
    TcpEndpoint e = s.connecting();
    s.out("SEW 0:0(0)");
    s.in("SEW. 0:0(0) ack 1 win 65535 <mss 1000,sackOK>");
    s.out(". 1:1(0) ack 1");
    s.write(e, 10);
    s.out("[noecn] P. 1:11(10)");
  }

  @Test
  void aRepeatedSynDoesWithoutSection6111() {
    s.settings.ecn = 1;
    s.connecting();
    s.out("SEW 0:0(0)");
    s.after(1100);
    s.out("S 0:0(0)");
  }

  @Test
  void congestionIsEchoedUntilThePeerHasSlowedDownSection613() {
    TcpEndpoint e = accepted();
    s.in("[ce] . 1:1001(1000) ack 1");
    s.out("[noecn] E. 1:1(0) ack 1001");
    s.in("[ect0] . 1001:2001(1000) ack 1");
    s.out("E. 1:1(0) ack 2001");
    s.write(e, 10);
    s.out("[ect0] PE. 1:11(10) ack 2001");
    s.in("[ect0] W. 2001:3001(1000) ack 11");
    s.out(". 11:11(0) ack 3001");
    s.in("[ce] W. 3001:4001(1000) ack 11");
    s.out("E. 11:11(0) ack 4001");
    assertTrue((e.info().options() & 16) != 0);
  }

  @Test
  void anEchoHalvesTheWindowOncePerRoundTripSection612() {
    TcpEndpoint e = accepted();
    e.congestionControl("reno");
    s.write(e, 30_000);
    assertEquals(10, s.drop());
    s.in("E. 1:1(0) ack 1001");
    s.in("E. 1:1(0) ack 2001");
    s.in("E. 1:1(0) ack 3001");
    s.in("E. 1:1(0) ack 4001");
    s.in("E. 1:1(0) ack 10001");
    assertEquals(2, e.info().congestionState(), "CWR, until what was sent meanwhile is there");
    s.in(". 1:1(0) ack 11001");
    assertEquals(0, e.info().congestionState());
    assertTrue(e.info().sendWindow() <= 6, "half of ten, once, and what this acknowledgement adds");
    assertEquals(5, e.info().sendThreshold());
  }

  @Test
  void cubicTakesThreeTenthsRfc9438Section46() {
    TcpEndpoint e = accepted();
    s.write(e, 10_000);
    s.drop();
    s.after(100);
    s.in("E. 1:1(0) ack 10001");
    assertEquals(7, e.info().sendWindow());
    assertEquals(2, e.info().congestionState(), "until the peer has CWR");
  }

  @Test
  void theFirstNewDataAfterAReductionSaysSoSection612() {
    TcpEndpoint e = accepted();
    s.write(e, 10_000);
    s.drop();
    s.in("E. 1:1(0) ack 10001");
    s.write(e, 2000);
    s.out("[ect0] W. 10001:11001(1000)");
    s.out("[ect0] P. 11001:12001(1000)");
  }

  @Test
  void whatIsSentAgainIsNotMarkedSection615() {
    TcpEndpoint e = accepted();
    s.write(e, 5000);
    assertEquals(5, s.drop());
    s.in(". 1:1(0) ack 1 <sack 1001:5001>");
    s.out("[noecn] . 1:1001(1000)");
    s.in(". 1:1(0) ack 5001");
    s.write(e, 100);
    s.out("[ect0] PW. 5001:5101(100)");
  }

  @Test
  void aLossInTheSameWindowReducesNoFurtherSection612() {
    TcpEndpoint e = accepted();
    e.congestionControl("reno");
    s.write(e, 10_000);
    s.drop();
    s.after(100);
    s.in("E. 1:1(0) ack 1001");
    s.in("E. 1:1(0) ack 1001 <sack 2001:6001>");
    assertEquals(3, e.info().congestionState());
    assertEquals(5, e.info().sendThreshold());
  }

  @Test
  void theApplicationsServiceClassStays() {
    TcpEndpoint e = accepted();
    e.setOption(SocketOption.IP_TOS, 0x10);
    s.write(e, 100);
    s.out("[ect0] P. 1:101(100)");
    assertEquals(0x10, e.getOption(SocketOption.IP_TOS));
  }
}
