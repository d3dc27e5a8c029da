package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.wire.IpAddress;
import org.junit.jupiter.api.Test;

/** Opening a connection (RFC 9293 section 3.5). */
final class HandshakeTest {
  private final Script s = new Script();

  @Test
  void activeOpenRfc9293Section35() {
    TcpEndpoint e = s.connecting();
    s.out("S 0:0(0) win 64240 <mss 1460,sackOK,TS val 0 ecr 0,wscale 7>");
    assertEquals(State.SYN_SENT, e.state());
    s.in("S. 0:0(0) ack 1 win 5000 <mss 1000,sackOK,TS val 7 ecr last,wscale 3>");
    s.out(". 1:1(0) ack 1 <TS val 0 ecr 7>");
    assertEquals(State.ESTABLISHED, e.state());
    assertEquals(0, e.connect(Script.PEER, Script.PEER_PORT));
    assertEquals(-Errno.EISCONN, e.connect(Script.PEER, Script.PEER_PORT));
    s.nothing();
  }

  @Test
  void passiveOpenRfc9293Section35() {
    TcpEndpoint l = s.listener();
    s.in("S 0:0(0) win 65535 <mss 1000,sackOK,wscale 7>");
    s.out("S. 0:0(0) ack 1 win 64240 <mss 1460,sackOK,wscale 7>");
    assertEquals(-Errno.EAGAIN, l.accept().error());
    s.in(". 1:1(0) ack 1 win 512");
    TcpEndpoint e = l.accept().endpoint();
    assertEquals(State.ESTABLISHED, e.state());
    assertEquals(Script.PEER, e.peerAddress().address());
    assertEquals(Script.PORT, e.localAddress().port());
    s.nothing();
  }

  @Test
  void onlyOfferedOptionsAreAnsweredRfc7323Section22() {
    s.listener();
    s.in("S 0:0(0) win 65535 <mss 1000>");
    s.out("S. 0:0(0) ack 1 win 64240 <mss 1460>");
    s.peerPort(5001);
    s.in("S 0:0(0) win 65535 <TS val 5 ecr 0>");
    s.out("S. 0:0(0) ack 1 <mss 1460,TS val 0 ecr 5>");
  }

  @Test
  void theWindowOfASynIsNotScaledRfc7323Section22() {
    TcpEndpoint e = s.connected("mss 1000,wscale 10", 3000);
    s.write(e, 5000);
    s.out(". 1:1001(1000)");
    s.out(". 1001:2001(1000)");
    s.out(". 2001:3001(1000)");
    s.nothing();
    s.in(". 1:1(0) ack 3001 win 10");
    s.out(". 3001:4001(1000)");
    s.out("P. 4001:5001(1000)");
  }

  @Test
  void simultaneousOpenRfc9293Section35Figure7() {
    TcpEndpoint e = s.connecting();
    s.out("S 0:0(0)");
    s.in("S 0:0(0) win 65535 <mss 1000>");
    s.out("S. 0:0(0) ack 1");
    assertEquals(State.SYN_RECEIVED, e.state());
    s.in("S. 0:0(0) ack 1 win 65535 <mss 1000>");
    assertEquals(State.SYN_RECEIVED, e.state());
    s.drop();
    s.in(". 1:1(0) ack 1");
    assertEquals(State.ESTABLISHED, e.state());
  }

  @Test
  void selfConnectIsASimultaneousOpen() {
    TcpEndpoint e = s.tcp.open(false);
    assertEquals(0, e.bind(Script.STACK, 7000));
    var lo = s.ip.addNic("lo", new io.loomvisor.net.link.LoopbackLink());
    s.ip.addAddress(lo, IpAddress.LOOPBACK4, 8);
    assertEquals(-Errno.EINPROGRESS, e.connect(Script.STACK, 7000));
    assertEquals(State.ESTABLISHED, e.state());
    assertEquals(5, e.write(new byte[5], 0, 5, false));
    assertEquals(5, s.read(e));
  }

  @Test
  void refusedRfc9293Section31073() {
    TcpEndpoint e = s.connecting();
    s.out("S 0:0(0)");
    s.in("R. 0:0(0) ack 1 win 0");
    assertEquals(State.CLOSED, e.state());
    assertTrue((e.readiness() & (Readiness.ERR | Readiness.HUP)) != 0);
    assertEquals(Errno.ECONNREFUSED, e.takeError());
    assertEquals(0, e.takeError());
    assertEquals(1, s.count(Counter.Tcp_AttemptFails));
  }

  @Test
  void aResetWithoutAckInSynSentIsIgnoredRfc9293Section31073() {
    TcpEndpoint e = s.connecting();
    s.out("S 0:0(0)");
    s.in("R 0:0(0) win 0");
    assertEquals(State.SYN_SENT, e.state());
  }

  @Test
  void anUnacceptableAckInSynSentIsAnsweredWithResetRfc9293Section31073() {
    TcpEndpoint e = s.connecting();
    s.out("S 0:0(0)");
    s.in("S. 0:0(0) ack 5 win 1000");
    s.out("R 5:5(0)");
    assertEquals(State.SYN_SENT, e.state());
  }

  @Test
  void aSegmentForNoConnectionIsResetRfc9293Section31071() {
    s.in("S 0:0(0) win 1000");
    s.out("R. -0:0(0) ack 1".replace("-0", "0"));
  }

  @Test
  void synRetransmissionBacksOffRfc6298Section5() {
    TcpEndpoint e = s.connecting();
    s.out("S 0:0(0)");
    for (int wait : new int[] {1000, 2000, 4000, 8000, 16_000, 32_000}) {
      s.after(wait - 1);
      s.nothing();
      s.after(1);
      s.out("S 0:0(0)");
    }
    s.after(64_000);
    assertEquals(Errno.ETIMEDOUT, e.takeError());
    assertEquals(State.CLOSED, e.state());
  }

  @Test
  void synAckRetransmissionRfc9293Section382() {
    s.listener();
    s.in("S 0:0(0) win 1000 <mss 1000>");
    s.out("S. 0:0(0) ack 1");
    s.after(1000);
    s.out("S. 0:0(0) ack 1");
    s.after(2000);
    s.out("S. 0:0(0) ack 1");
    s.in("S 0:0(0) win 1000 <mss 1000>");
    s.out("S. 0:0(0) ack 1");
    s.after(200_000);
    s.drop();
    s.in(". 1:1(0) ack 1");
    s.out("R 1:1(0)");
  }

  @Test
  void dataWithTheLastAckOfTheHandshakeIsKeptRfc9293Section31074() {
    TcpEndpoint l = s.listener();
    s.in("S 0:0(0) win 1000 <mss 1000>");
    s.out("S. 0:0(0) ack 1");
    s.in("P. 1:11(10) ack 1 win 1000");
    s.out(". 1:1(0) ack 11");
    assertEquals(10, s.read(l.accept().endpoint()));
  }

  @Test
  void aResetEndsAHalfOpenHandshakeRfc9293Section31074() {
    TcpEndpoint l = s.listener();
    s.in("S 0:0(0) win 1000 <mss 1000>");
    s.out("S. 0:0(0) ack 1");
    s.in("R 1:1(0) win 0");
    s.after(10_000);
    s.nothing();
    assertEquals(-Errno.EAGAIN, l.accept().error());
  }

  @Test
  void initialSequenceNumbersAdvanceRfc6528Section3() {
    io.loomvisor.net.buffer.FlowKey f = Script.flow(1);
    int first = s.tcp.initialSequence(f);
    s.after(1);
    assertEquals(250, s.tcp.initialSequence(f) - first);
    assertNotEquals(s.tcp.initialSequence(f), s.tcp.initialSequence(Script.flow(2)));
  }

  @Test
  void connectPicksUnpredictablePortsRfc6056Section334() {
    java.util.Set<Integer> ports = new java.util.HashSet<>();
    for (int i = 0; i < 50; i++) {
      TcpEndpoint e = s.tcp.open(false);
      assertEquals(-Errno.EINPROGRESS, e.connect(Script.PEER, 1000 + i));
      int p = e.localAddress().port();
      assertTrue(p >= 32_768 && p < 61_000);
      ports.add(p);
    }
    assertTrue(ports.size() > 40);
  }
}
