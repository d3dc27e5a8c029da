package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.link.LoopbackLink;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.IpAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Results, errnos and poll masks over the loopback as a C program saw them on Linux 6.18. */
final class LinuxAgreementTest {
  private static final IpAddress LO = IpAddress.LOOPBACK4;
  private final VirtualClock clock = new VirtualClock();
  private final PacketPool pool = new PacketPool();
  private final IpLayer ip = new IpLayer(clock, pool, new Mib(), false);
  private final TcpLayer tcp = new TcpLayer(ip, new TcpSettings());
  private final TcpEndpoint c = tcp.open(false);
  private TcpEndpoint s;

  LinuxAgreementTest() {
    ip.addAddress(ip.addNic("lo", new LoopbackLink()), LO, 8);
  }

  @AfterEach
  void nothingFailed() {
    assertNull(Mailbox.takeFailure());
  }

  private TcpEndpoint listener(int backlog) {
    TcpEndpoint l = tcp.open(false);
    assertEquals(0, l.bind(LO, 80));
    assertEquals(0, l.listen(backlog));
    return l;
  }

  private void pair() {
    TcpEndpoint l = listener(5);
    assertEquals(-Errno.EINPROGRESS, c.connect(LO, 80));
    assertEquals(0, c.connect(LO, 80));
    s = l.accept().endpoint();
    assertNotNull(s);
    l.close();
  }

  private static int write(TcpEndpoint e, int n) {
    return e.write(new byte[n], 0, n, false);
  }

  private static int read(TcpEndpoint e, int n) {
    return e.read(new byte[n], 0, n);
  }

  @Test
  void aFreshSocket() {
    assertEquals(0x14, c.readiness());
    assertEquals(-Errno.ENOTCONN, read(c, 10));
    assertEquals(-Errno.EPIPE, write(c, 10));
    assertEquals(16_384, c.getOption(SocketOption.SO_SNDBUF));
    assertEquals(131_072, c.getOption(SocketOption.SO_RCVBUF));
    assertEquals(536, c.getOption(SocketOption.TCP_MAXSEG));
    assertEquals(60, c.getOption(SocketOption.TCP_LINGER2));
    assertEquals(1, c.getOption(SocketOption.TCP_QUICKACK));
    assertEquals(-Errno.ENOTCONN, c.getOption(SocketOption.IP_MTU));
    assertEquals(-Errno.ENOTCONN, c.shutdown(true, true));
    assertNull(c.peerAddress());
    assertEquals(-Errno.EINVAL, c.accept().error());
  }

  @Test
  void optionValues() {
    c.setOption(SocketOption.SO_SNDBUF, 1);
    assertEquals(4608, c.getOption(SocketOption.SO_SNDBUF));
    c.setOption(SocketOption.SO_RCVBUF, 1);
    assertEquals(2304, c.getOption(SocketOption.SO_RCVBUF));
    c.setOption(SocketOption.SO_RCVBUF, 10_000_000);
    assertEquals(425_984, c.getOption(SocketOption.SO_RCVBUF));
    assertEquals(0, c.setOption(SocketOption.TCP_WINDOW_CLAMP, 100));
    assertEquals(1152, c.getOption(SocketOption.TCP_WINDOW_CLAMP));
    assertEquals(0, c.setOption(SocketOption.TCP_DEFER_ACCEPT, 5));
    assertEquals(7, c.getOption(SocketOption.TCP_DEFER_ACCEPT));
    c.setOption(SocketOption.TCP_LINGER2, 1000);
    assertEquals(120, c.getOption(SocketOption.TCP_LINGER2));
    c.setOption(SocketOption.TCP_LINGER2, -1);
    assertEquals(-1, c.getOption(SocketOption.TCP_LINGER2));
    assertEquals(-Errno.ENOPROTOOPT, c.setOption(SocketOption.SO_SNDLOWAT, 5));
    c.setOption(SocketOption.SO_RCVLOWAT, 0);
    assertEquals(1, c.getOption(SocketOption.SO_RCVLOWAT));
    c.setOption(SocketOption.IP_TOS, 0xff);
    assertEquals(252, c.getOption(SocketOption.IP_TOS));
    assertEquals(-Errno.EINVAL, c.setOption(SocketOption.IP_TTL, 0));
    c.setOption(SocketOption.TCP_NODELAY, 5);
    assertEquals(1, c.getOption(SocketOption.TCP_NODELAY));
    assertEquals(-Errno.EINVAL, c.setOption(SocketOption.IP_MTU_DISCOVER, 6));
    assertEquals(-Errno.EINVAL, c.setOption(SocketOption.TCP_USER_TIMEOUT, -1));
    assertEquals(-Errno.ENOPROTOOPT, c.getOption(SocketOption.IPV6_V6ONLY));
    assertEquals(SocketOption.TCP_NODELAY, SocketOption.of(6, 1));
    assertNull(SocketOption.of(6, 9999));
  }

  @Test
  void aListenerShutAndListeningAgain() {
    assertEquals(0, c.listen(5));
    assertEquals(0, c.readiness());
    assertEquals(-Errno.ENOTCONN, read(c, 10));
    assertEquals(-Errno.EPIPE, write(c, 10));
    assertEquals(-Errno.EAGAIN, c.accept().error());
    assertEquals(0, c.shutdown(false, true));
    assertEquals(-Errno.EAGAIN, c.accept().error());
    assertEquals(0, c.shutdown(true, false));
    assertEquals(0x14, c.readiness());
    assertEquals(-Errno.EINVAL, c.accept().error());
    assertEquals(0, c.listen(5));
    assertEquals(-Errno.EAGAIN, c.accept().error());
  }

  @Test
  void aPair() {
    pair();
    assertEquals(0x4, c.readiness());
    assertEquals(0x4, s.readiness());
    assertEquals(131_072, s.getOption(SocketOption.SO_RCVBUF));
    assertEquals(32_741, c.getOption(SocketOption.TCP_MAXSEG));
    assertEquals(65_535, c.getOption(SocketOption.IP_MTU));
    assertEquals(65_483, c.info().advertisedMss());
    assertEquals(10, c.info().sendWindow());
    assertTrue(write(c, 5) == 5 && c.unacknowledged() == 0 && c.unsent() == 0);
    assertEquals(0, read(s, 0));
    assertEquals(0, write(c, 0));
    assertEquals(2, s.peek(new byte[2], 0, 2));
    assertEquals(2, s.discard(2));
    assertEquals(3, read(s, 100));
    assertEquals(-Errno.EAGAIN, read(s, 0));
  }

  @Test
  void bothSidesShutDown() {
    pair();
    assertEquals(0, c.shutdown(false, true));
    assertEquals(0x4, c.readiness());
    assertEquals(0x2005, s.readiness());
    assertEquals(0, read(s, 10));
    assertEquals(-Errno.EPIPE, write(c, 5));
    assertEquals(0, c.shutdown(false, true));
    assertEquals(5, write(s, 5));
    assertEquals(0x5, c.readiness());
    assertEquals(0, s.shutdown(false, true));
    assertEquals(0x2015, c.readiness());
    assertEquals(0x2015, s.readiness());
    assertEquals(5, read(c, 10));
    assertEquals(0, read(c, 10));
    assertEquals(0x2015, c.readiness());
    assertEquals(-Errno.ENOTCONN, c.shutdown(false, true));
    assertEquals(-Errno.ENOTCONN, s.shutdown(true, true));
    assertEquals(-Errno.EPIPE, write(s, 5));
    assertNull(c.peerAddress());
    assertNull(s.peerAddress());
    assertEquals(-Errno.EISCONN, s.connect(LO, 80));
  }

  @Test
  void resetByClosingWithUnreadData() {
    pair();
    write(c, 5);
    s.close();
    assertEquals(0x201d, c.readiness());
    assertEquals(Errno.ECONNRESET, c.getOption(SocketOption.SO_ERROR));
    assertEquals(0x2015, c.readiness());
    assertEquals(0, read(c, 10));
    assertEquals(-Errno.EPIPE, write(c, 10));
    assertEquals(-Errno.ENOTCONN, c.shutdown(true, true));
  }

  @Test
  void writingAfterAResetTellsItOnce() {
    pair();
    write(c, 5);
    s.close();
    assertEquals(-Errno.ECONNRESET, write(c, 10));
    assertEquals(-Errno.EPIPE, write(c, 10));
    assertEquals(0, read(c, 10));
  }

  @Test
  void writingToAPeerThatHasClosed() {
    pair();
    s.close();
    assertEquals(0x2005, c.readiness());
    assertEquals(10, write(c, 10));
    assertEquals(0x201d, c.readiness());
    assertEquals(-Errno.EPIPE, write(c, 10));
    assertEquals(0, c.getOption(SocketOption.SO_ERROR));
    assertEquals(0, read(c, 10));
  }

  @Test
  void aRefusedAttemptAndTheNext() {
    assertEquals(-Errno.EINPROGRESS, c.connect(LO, 80));
    assertEquals(0x201d, c.readiness());
    assertEquals(Errno.ECONNREFUSED, c.getOption(SocketOption.SO_ERROR));
    assertEquals(0x2015, c.readiness());
    assertEquals(-Errno.ECONNABORTED, c.connect(LO, 80));
    assertEquals(-Errno.EINPROGRESS, c.connect(LO, 80));
    assertEquals(-Errno.ECONNREFUSED, c.connect(LO, 80));
    assertEquals(-Errno.EINPROGRESS, c.connect(LO, 80));
    assertEquals(-Errno.ECONNREFUSED, read(c, 10));
    assertEquals(-Errno.ENOTCONN, read(c, 10));
    assertEquals(-Errno.EPIPE, write(c, 10));
  }

  @Test
  void aListenerThatClosesBeforeAccept() {
    TcpEndpoint l = listener(1);
    assertEquals(-Errno.EINPROGRESS, c.connect(LO, 80));
    assertEquals(0x4, c.readiness());
    assertEquals(0, c.connect(LO, 80));
    assertEquals(-Errno.EISCONN, c.connect(LO, 80));
    l.close();
    assertEquals(0x201d, c.readiness());
    assertEquals(-Errno.ECONNRESET, read(c, 1));
  }

  @Test
  void backlogZeroTakesOne() {
    listener(0);
    for (int i = 0; i < 4; i++) {
      TcpEndpoint e = tcp.open(false);
      e.connect(LO, 80);
      assertEquals(i == 0 ? 0x4 : 0, e.readiness());
    }
  }

  @Test
  void aFullPipe() {
    pair();
    long total = 0;
    for (int n = write(c, 1 << 20); n > 0; n = write(c, 1 << 20)) {
      total += n;
    }
    assertTrue(total > 1 << 20, "total " + total);
    assertEquals(0, c.readiness());
    long got = 0;
    for (int n = read(s, 1 << 20); n > 0; n = read(s, 1 << 20)) {
      got += n;
      clock.advance(Clock.SECOND);
    }
    assertEquals(total, got);
    assertEquals(0x4, c.readiness());
  }

  @Test
  void urgentData() {
    pair();
    assertEquals(3, c.writeUrgent(new byte[] {1, 2, 3}, 0, 3));
    assertEquals(0x7, s.readiness());
    assertEquals(2, s.available());
    assertEquals(2, s.peek(new byte[10], 0, 10));
    assertEquals(2, read(s, 10));
    assertTrue(s.atMark());
    assertEquals(0x6, s.readiness());
    assertEquals(3, s.readUrgent(false));
    assertEquals(-Errno.EINVAL, s.readUrgent(false));
    assertEquals(0x4, s.readiness());
    assertEquals(-Errno.EAGAIN, read(s, 10));
    assertEquals(false, s.atMark());
    c.writeUrgent(new byte[1], 0, 1);
    assertEquals(-Errno.EAGAIN, read(s, 10));
    write(c, 1);
    assertEquals(1, s.available());
    assertEquals(1, read(s, 10));
    assertEquals(false, s.atMark());
  }

  @Test
  void shutForReading() {
    pair();
    assertEquals(0, s.shutdown(true, false));
    assertEquals(0x2005, s.readiness());
    assertEquals(0, read(s, 10));
    write(c, 5);
    assertEquals(5, read(s, 10));
    assertEquals(0, read(s, 10));
    assertEquals(0x4, c.readiness());
    s.close();
    assertEquals(0x2005, c.readiness());
  }

  @Test
  void strangeAddresses() {
    assertEquals(-Errno.ENETUNREACH, c.connect(IpAddress.BROADCAST4, 80));
    assertEquals(-Errno.ENETUNREACH, c.connect(IpAddress.ALL_HOSTS4, 80));
    assertEquals(0, c.disconnect());
    assertEquals(-Errno.EAFNOSUPPORT, c.connect(IpAddress.LOOPBACK6, 80));
    assertEquals(-Errno.EAFNOSUPPORT, c.bind(IpAddress.LOOPBACK6, 80));
    assertEquals(-Errno.EADDRNOTAVAIL, c.bind(IpAddress.parse("8.8.8.8"), 80));
  }

  @Test
  void disconnectFreesASocketForAnotherPeer() {
    pair();
    assertEquals(0, c.disconnect());
    assertEquals(-Errno.ECONNRESET, read(s, 1));
    listener(5);
    assertEquals(-Errno.EINPROGRESS, c.connect(LO, 80));
    assertEquals(0, c.connect(LO, 80));
  }

  @Test
  void tcpInfoHasLinuxsLayout() {
    pair();
    byte[] b = c.info().toBytes();
    assertEquals(TcpInfo.SIZE, b.length);
    assertEquals(1, b[0]);
    assertEquals(7, b[5]);
    var w = java.nio.ByteBuffer.wrap(b).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    // tcpi_snd_mss, tcpi_pmtu, tcpi_snd_cwnd, tcpi_advmss.
    assertEquals(32_741, w.getInt(16));
    assertEquals(65_535, w.getInt(60));
    assertEquals(10, w.getInt(80));
    assertEquals(65_483, w.getInt(84));
  }
}
