package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

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
import org.junit.jupiter.api.Test;

/** tcp_tw_reuse: a connection to the same peer may take the ports after a second. */
final class TimeWaitReuseTest {
  private final VirtualClock clock = new VirtualClock();
  private final IpLayer ip = new IpLayer(clock, new PacketPool(), new Mib(), false);
  private final TcpLayer tcp = new TcpLayer(ip, new TcpSettings());
  private final TcpEndpoint listener = tcp.open(false);

  TimeWaitReuseTest() {
    ip.addAddress(ip.addNic("lo", new LoopbackLink()), IpAddress.LOOPBACK4, 8);
    assertEquals(0, listener.bind(IpAddress.LOOPBACK4, 80));
    assertEquals(0, listener.listen(5));
  }

  private TcpEndpoint from(int port) {
    TcpEndpoint e = tcp.open(false);
    e.setOption(SocketOption.SO_REUSEADDR, 1);
    assertEquals(0, e.bind(IpAddress.LOOPBACK4, port));
    return e;
  }

  private void intoTimeWait(TcpEndpoint e) {
    assertEquals(-Errno.EINPROGRESS, e.connect(IpAddress.LOOPBACK4, 80));
    TcpEndpoint peer = listener.accept().endpoint();
    e.close();
    peer.close();
    assertEquals(State.TIME_WAIT, e.state());
  }

  @Test
  void afterASecondWithTimestamps() {
    TcpEndpoint old = from(5000);
    intoTimeWait(old);
    TcpEndpoint next = from(5000);
    assertEquals(-Errno.EADDRNOTAVAIL, next.connect(IpAddress.LOOPBACK4, 80));
    clock.advance(1100 * Clock.MILLISECOND);
    assertEquals(-Errno.EINPROGRESS, next.connect(IpAddress.LOOPBACK4, 80));
    assertEquals(State.ESTABLISHED, next.state());
    assertEquals(State.CLOSED, old.state());
    clock.advance(100 * Clock.SECOND);
    assertEquals(State.ESTABLISHED, next.state());
    assertNull(Mailbox.takeFailure());
  }

  @Test
  void notWithoutTimestamps() {
    tcp.settings().timestamps = false;
    intoTimeWait(from(5000));
    clock.advance(2 * Clock.SECOND);
    TcpEndpoint next = from(5000);
    assertEquals(-Errno.EADDRNOTAVAIL, next.connect(IpAddress.LOOPBACK4, 80));
    clock.advance(60 * Clock.SECOND);
    assertEquals(-Errno.EINPROGRESS, next.connect(IpAddress.LOOPBACK4, 80));
  }

  @Test
  void tooManyInTimeWaitEndAtOnce() {
    tcp.settings().maxTimeWait = 3;
    for (int i = 0; i < 10; i++) {
      TcpEndpoint e = tcp.open(false);
      e.connect(IpAddress.LOOPBACK4, 80);
      TcpEndpoint peer = listener.accept().endpoint();
      e.close();
      peer.close();
    }
    assertEquals(3, tcp.connections());
    clock.advance(61 * Clock.SECOND);
    assertEquals(0, tcp.connections());
    tcp.settings().maxTimeWait = 100;
    intoTimeWait(from(6000));
    assertEquals(1, tcp.connections());
  }
}
