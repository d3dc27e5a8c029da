package io.loomvisor.net.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.NetStack;
import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.tcp.Accepted;
import io.loomvisor.net.tcp.TcpEndpoint;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.IpAddress;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Connections in which nothing happens cost what their state costs, and nothing for buffers. */
final class IdleConnectionsTest {
  private static final int CONNECTIONS = 50_000;
  private static final IpAddress SERVER = IpAddress.parse("10.0.0.1");

  /** Bytes for both ends together; twice what was measured. */
  private static final long MOST = 16_000;

  private final VirtualClock clock = new VirtualClock();
  private final PacketPool pool = new PacketPool();

  private NetStack host(PipeLink link, String address) {
    return NetStack.builder().clock(clock).pool(pool).link("eth0", link).address(address).build();
  }

  private static long usedHeap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Test
  void fiftyThousandIdleConnectionsCostLittleAndAllStillWork() {
    PipeLink[] pipe = PipeLink.ip(1500);
    try (NetStack server = host(pipe[0], "10.0.0.1/24");
        NetStack client = host(pipe[1], "10.0.0.2/24")) {
      List<TcpEndpoint> near = new ArrayList<>(CONNECTIONS);
      List<TcpEndpoint> far = new ArrayList<>(CONNECTIONS);
      TcpEndpoint[] listeners = {listen(server, 80), listen(server, 81)};
      connect(client, listeners, 100, near, far);
      long before = usedHeap();
      connect(client, listeners, CONNECTIONS - 100, near, far);
      echo(near, far);
      // What was written is acknowledged and the timers have run out.
      clock.advance(Clock.SECOND);
      long each = (usedHeap() - before) / (CONNECTIONS - 100);
      System.out.println("an idle connection: " + each + " bytes for both ends");
      assertTrue(each < MOST, "an idle connection costs " + each + " bytes");
      assertEquals(CONNECTIONS, server.tcp().connections());
      // Two hours later keep-alive is off and nobody has said a word.
      clock.advance(8000 * Clock.SECOND);
      echo(near, far);
      near.forEach(TcpEndpoint::close);
      far.forEach(TcpEndpoint::close);
      clock.advance(200 * Clock.SECOND);
      assertEquals(0, server.tcp().connections());
      assertEquals(0, client.tcp().connections());
      assertEquals(0, pool.outstanding());
      assertNull(Mailbox.takeFailure());
    }
  }

  private static TcpEndpoint listen(NetStack server, int port) {
    TcpEndpoint l = server.tcp().open(false);
    assertEquals(0, l.bind(SERVER, port));
    assertEquals(0, l.listen(16));
    return l;
  }

  private static void connect(
      NetStack client,
      TcpEndpoint[] listeners,
      int count,
      List<TcpEndpoint> near,
      List<TcpEndpoint> far) {
    for (int i = 0; i < count; i++) {
      TcpEndpoint c = client.tcp().open(false);
      assertEquals(-Errno.EINPROGRESS, c.connect(SERVER, 80 + i % 2));
      Accepted a = listeners[i % 2].accept();
      assertEquals(0, a.error());
      near.add(a.endpoint());
      far.add(c);
    }
  }

  /** One byte there and back on each. */
  private static void echo(List<TcpEndpoint> near, List<TcpEndpoint> far) {
    byte[] b = new byte[1];
    for (int i = 0; i < near.size(); i++) {
      b[0] = (byte) i;
      assertEquals(1, far.get(i).write(b, 0, 1, false));
      assertEquals(1, near.get(i).read(b, 0, 1));
      assertEquals(1, near.get(i).write(b, 0, 1, false));
      assertEquals(1, far.get(i).read(b, 0, 1));
      assertEquals((byte) i, b[0]);
    }
  }
}
