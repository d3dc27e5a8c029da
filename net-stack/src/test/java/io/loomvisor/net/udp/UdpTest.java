package io.loomvisor.net.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.link.LoopbackLink;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.IpAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class UdpTest {
  private final PacketPool pool = new PacketPool();
  private final IpLayer ip = new IpLayer(new VirtualClock(), pool, new Mib(), false);
  private final UdpLayer udp = new UdpLayer(ip);

  UdpTest() {
    ip.addAddress(ip.addNic("lo", new LoopbackLink()), IpAddress.LOOPBACK4, 8);
  }

  @Test
  void datagramsArriveWholeAndInOrder() {
    UdpEndpoint a = udp.open(false);
    UdpEndpoint b = udp.open(false);
    AtomicInteger calls = new AtomicInteger();
    assertEquals(0, b.bind(IpAddress.LOOPBACK4, 53));
    b.onReadiness(e -> calls.incrementAndGet());
    assertEquals(3, a.send(IpAddress.LOOPBACK4, 53, new byte[] {1, 2, 3}));
    assertEquals(0, a.send(IpAddress.LOOPBACK4, 53, new byte[0]));
    UdpEndpoint.Datagram d = b.receive();
    assertArrayEquals(new byte[] {1, 2, 3}, d.data());
    assertEquals(a.localPort(), d.port());
    assertEquals(0, b.receive().data().length);
    assertNull(b.receive());
    assertEquals(2, calls.get());
    assertEquals(0, pool.outstanding());
  }

  @Test
  void aConnectedSocketHearsOfAClosedPortRfc1122Section4133() {
    UdpEndpoint a = udp.open(false);
    assertEquals(0, a.connect(IpAddress.LOOPBACK4, 9));
    assertEquals(1, a.send(IpAddress.LOOPBACK4, 9, new byte[1]));
    assertEquals(111, a.takeError());
    assertEquals(0, a.takeError());
  }

  @Test
  void aReaderThatNeverReadsCostsBoundedMemory() {
    UdpEndpoint a = udp.open(false);
    UdpEndpoint b = udp.open(false);
    assertEquals(0, b.bind(IpAddress.ANY4, 7));
    assertEquals(-Errno.EADDRINUSE, udp.open(false).bind(IpAddress.ANY4, 7));
    for (int i = 0; i < 1000; i++) {
      a.send(IpAddress.LOOPBACK4, 7, new byte[1]);
    }
    assertEquals(256, pool.outstanding(), "as on Linux");
    b.close();
    assertEquals(0, pool.outstanding());
  }

  /** Each comes in an array of 64 KiB. */
  @Test
  void shortDatagramsDoNotKeepLongArrays() {
    UdpEndpoint a = udp.open(false);
    UdpEndpoint b = udp.open(false);
    assertEquals(0, b.bind(IpAddress.ANY4, 7));
    byte[] data = new byte[3000];
    for (int i = 0; i < 1000; i++) {
      data[0] = (byte) i;
      a.send(IpAddress.LOOPBACK4, 7, data);
    }
    assertEquals(48, pool.outstanding());
    assertTrue(b.heldBytes() <= 2 * 212_992, "held " + b.heldBytes());
    for (int i = 0; i < 48; i++) {
      UdpEndpoint.Datagram d = b.receive();
      assertEquals(3000, d.data().length);
      assertEquals((byte) i, d.data()[0]);
    }
    b.close();
    assertEquals(0, pool.outstanding());
  }
}
