package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.wire.IpAddress;
import org.junit.jupiter.api.Test;

/** Listeners: backlog, queues, floods, deferred accept, sharing of ports. */
final class ListeningTest {
  private final Script s = new Script();

  private void syn(int port) {
    s.peerPort(port);
    s.in("S 0:0(0) win 1000 <mss 1000,sackOK,TS val 1 ecr 0,wscale 3>");
  }

  @Test
  void theAcceptQueueHoldsOneMoreThanTheBacklogListen2() {
    TcpEndpoint l = s.listener(2);
    for (int i = 0; i < 3; i++) {
      s.handshake(6000 + i);
    }
    syn(6100);
    s.nothing();
    assertEquals(1, s.count(Counter.TcpExt_ListenOverflows));
    for (int i = 0; i < 3; i++) {
      assertEquals(0, l.accept().error());
    }
    assertEquals(-Errno.EAGAIN, l.accept().error());
    syn(6100);
    s.out("S. 0:0(0) ack 1");
  }

  @Test
  void aLastAckThatFindsTheQueueFullIsDroppedAndRepeatedListen2() {
    TcpEndpoint l = s.listener(0);
    syn(6000);
    s.out("S. 0:0(0) ack 1");
    s.handshake(6001);
    s.peerPort(6000);
    s.after(1000);
    s.out("S. 0:0(0) ack 1");
    s.in(". 1:1(0) ack 1 <TS val 1 ecr last>");
    s.nothing();
    assertEquals(0, l.accept().error());
    s.after(2000);
    s.out("S. 0:0(0) ack 1");
    s.in(". 1:1(0) ack 1 <TS val 1 ecr last>");
    assertEquals(0, l.accept().error());
  }

  @Test
  void aFloodOfSynsIsAnsweredByCookiesRfc4987Section36() {
    TcpEndpoint l = s.listener(8);
    for (int i = 0; i < 5000; i++) {
      syn(10_000 + i);
      s.out("S. 0:0(0) ack 1");
    }
    assertTrue(s.count(Counter.TcpExt_SyncookiesSent) > 4900);
    assertEquals(0, s.pool.outstanding());
    assertEquals(0, s.tcp.connections());
    // One who means it gets in, with all options.
    syn(50_000);
    s.out("S. 0:0(0) ack 1");
    s.after(100);
    s.in("P. 1:11(10) ack 1 win 100 <TS val 2 ecr last>");
    s.out(". 1:1(0) ack 11");
    TcpEndpoint e = l.accept().endpoint();
    assertEquals(10, s.read(e));
    assertEquals(7, e.info().options());
    assertEquals(3, e.info().sendScale());
    assertEquals(1, s.count(Counter.TcpExt_SyncookiesRecv));
  }

  @Test
  void aForgedCookieIsRefusedRfc4987Section36() {
    TcpEndpoint l = s.listener(1);
    for (int i = 0; i < 10; i++) {
      syn(10_000 + i);
      s.drop();
    }
    s.peerPort(20_000);
    s.in(". 1:1(0) ack 12345");
    assertTrue(s.next().startsWith("R "));
    assertEquals(-Errno.EAGAIN, l.accept().error());
    assertEquals(1, s.count(Counter.TcpExt_SyncookiesFailed));
  }

  @Test
  void anOldCookieIsRefusedRfc4987Section36() {
    TcpEndpoint l = s.listener(0);
    syn(10_000);
    s.drop();
    syn(10_001);
    s.out("S. 0:0(0) ack 1");
    s.after(200_000);
    s.drop();
    s.peerPort(10_001);
    s.in(". 1:1(0) ack 1");
    assertEquals(-Errno.EAGAIN, l.accept().error());
  }

  @Test
  void withoutCookiesTheBacklogIsTheLimit() {
    s.settings.synCookies = false;
    s.listener(4);
    int answers = 0;
    for (int i = 0; i < 100; i++) {
      syn(10_000 + i);
      answers += s.drop();
    }
    assertEquals(5, answers);
    assertEquals(95, s.count(Counter.TcpExt_TCPReqQFullDrop));
  }

  @Test
  void deferredAcceptWaitsForDataTcp7() {
    TcpEndpoint l = s.listener();
    l.setOption(SocketOption.TCP_DEFER_ACCEPT, 5);
    s.in("S 0:0(0) win 1000 <mss 1000>");
    s.out("S. 0:0(0) ack 1");
    s.in(". 1:1(0) ack 1");
    assertEquals(-Errno.EAGAIN, l.accept().error());
    s.in("P. 1:11(10) ack 1");
    s.out(". 1:1(0) ack 11");
    assertEquals(10, s.read(l.accept().endpoint()));
  }

  @Test
  void anEarlyResetOfAQueuedConnectionIsSeenAfterAccept() {
    TcpEndpoint l = s.listener();
    s.handshake(6000);
    s.in("R 1:1(0) win 0");
    TcpEndpoint e = l.accept().endpoint();
    assertEquals(-Errno.ECONNRESET, s.read(e));
  }

  @Test
  void closingAListenerResetsWhatWasNotAccepted() {
    TcpEndpoint l = s.listener();
    s.handshake(6000);
    l.close();
    s.out("R. 1:1(0) ack 1");
    assertEquals(0, s.tcp.connections());
    s.in("S 500:500(0) win 1000");
    assertTrue(s.next().startsWith("R. "));
  }

  @Test
  void theAcceptedOneInheritsOptions() {
    TcpEndpoint l = s.listener();
    l.setOption(SocketOption.TCP_NODELAY, 1);
    l.setOption(SocketOption.SO_KEEPALIVE, 1);
    l.setOption(SocketOption.IP_TOS, 0x10);
    TcpEndpoint e = s.accepted(l, "mss 1000", 1000);
    assertEquals(1, e.getOption(SocketOption.TCP_NODELAY));
    assertEquals(1, e.getOption(SocketOption.SO_KEEPALIVE));
    assertEquals(0x10, e.getOption(SocketOption.IP_TOS));
    assertEquals(0, e.getOption(SocketOption.SO_ACCEPTCONN));
    assertEquals(1, l.getOption(SocketOption.SO_ACCEPTCONN));
  }

  @Test
  void bindConflictsInetCsk() {
    TcpEndpoint a = s.tcp.open(false);
    TcpEndpoint b = s.tcp.open(false);
    assertEquals(0, a.bind(IpAddress.ANY4, 80));
    assertEquals(-Errno.EADDRINUSE, b.bind(Script.STACK, 80));
    assertEquals(-Errno.EINVAL, a.bind(Script.STACK, 81));
    assertEquals(-Errno.EADDRNOTAVAIL, b.bind(Script.PEER, 80));
    TcpEndpoint c = s.tcp.open(true);
    assertEquals(-Errno.EADDRINUSE, c.bind(IpAddress.ANY6, 80));
    c.setOption(SocketOption.IPV6_V6ONLY, 1);
    assertEquals(0, c.bind(IpAddress.ANY6, 80));
    a.close();
    assertEquals(0, b.bind(Script.STACK, 80));
  }

  @Test
  void reuseAddressSharesUntilOneListensSocket7() {
    TcpEndpoint a = s.tcp.open(false);
    TcpEndpoint b = s.tcp.open(false);
    a.setOption(SocketOption.SO_REUSEADDR, 1);
    b.setOption(SocketOption.SO_REUSEADDR, 1);
    assertEquals(0, a.bind(Script.STACK, 80));
    assertEquals(0, b.bind(Script.STACK, 80));
    assertEquals(0, a.listen(5));
    assertEquals(-Errno.EADDRINUSE, b.listen(5));
    TcpEndpoint c = s.tcp.open(false);
    c.setOption(SocketOption.SO_REUSEADDR, 1);
    assertEquals(-Errno.EADDRINUSE, c.bind(Script.STACK, 80));
  }

  @Test
  void reusePortSpreadsConnectionsSocket7() {
    TcpEndpoint[] ls = new TcpEndpoint[4];
    for (int i = 0; i < 4; i++) {
      ls[i] = s.tcp.open(false);
      ls[i].setOption(SocketOption.SO_REUSEPORT, 1);
      assertEquals(0, ls[i].bind(Script.STACK, Script.PORT));
      assertEquals(0, ls[i].listen(100));
    }
    for (int i = 0; i < 64; i++) {
      s.handshake(7000 + i);
    }
    int sum = 0;
    for (TcpEndpoint l : ls) {
      int n = 0;
      while (l.accept().error() == 0) {
        n++;
      }
      assertTrue(n > 4 && n < 40, "share " + n);
      sum += n;
    }
    assertEquals(64, sum);
  }

  @Test
  void aPortInTimeWaitNeedsReuseAddressSocket7() {
    TcpEndpoint e = s.accepted();
    e.close();
    s.drop();
    s.in("F. 1:1(0) ack 2");
    assertEquals(State.TIME_WAIT, e.state());
    TcpEndpoint b = s.tcp.open(false);
    assertEquals(-Errno.EADDRINUSE, b.bind(Script.STACK, Script.PORT));
    s.after(61_000);
    assertEquals(0, b.bind(Script.STACK, Script.PORT));
  }

  @Test
  void aDualStackListenerTakesIpv4Rfc3493Section53() {
    TcpEndpoint l = s.tcp.open(true);
    assertEquals(0, l.bind(IpAddress.ANY6, Script.PORT));
    assertEquals(0, l.listen(5));
    TcpEndpoint e = s.accepted(l, "mss 1000", 1000);
    assertEquals(Script.PEER.mapped(), e.peerAddress().address());
    assertEquals(Script.STACK.mapped(), e.localAddress().address());
  }

  @Test
  void listenWithoutBindPicksAPortListen2() {
    TcpEndpoint l = s.tcp.open(false);
    assertEquals(0, l.listen(5));
    assertTrue(l.localAddress().port() >= 32_768);
    assertEquals(-Errno.EISCONN, l.connect(Script.PEER, 1));
    assertEquals(-Errno.EINVAL, s.tcp.open(false).accept().error());
  }
}
