package io.loomvisor.net.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.loomvisor.net.NetStack;
import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.udp.UdpEndpoint;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.MacAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Packet endpoints of two hosts on one cable, in virtual time. */
final class PacketTest {
  private static final MacAddress MAC_A = MacAddress.parse("02:00:00:00:00:01");
  private static final MacAddress MAC_B = MacAddress.parse("02:00:00:00:00:02");
  private static final MacAddress STRANGER = MacAddress.parse("02:00:00:00:00:77");
  private static final IpAddress B = IpAddress.parse("10.0.0.2");
  private static final int OWN_TYPE = 0x88b5;

  private final VirtualClock clock = new VirtualClock();
  private final PacketPool pool = new PacketPool();
  private final PipeLink[] cable = PipeLink.ethernet(1500, MAC_A, MAC_B);
  private final NetStack a = host(cable[0], "10.0.0.1/24");
  private final NetStack b = host(cable[1], "10.0.0.2/24");
  private final PacketLayer layerA = new PacketLayer(a.ip());
  private final PacketLayer layerB = new PacketLayer(b.ip());

  private NetStack host(PipeLink link, String address) {
    return NetStack.builder()
        .clock(clock)
        .pool(pool)
        .duplicateDetection(false)
        .link("eth0", link)
        .address(address)
        .build();
  }

  @AfterEach
  void sound() {
    clock.advance(10 * Clock.SECOND);
    assertNull(Mailbox.takeFailure());
    assertEquals(0, pool.outstanding());
  }

  private static List<String> seen(PacketEndpoint e) {
    List<String> all = new ArrayList<>();
    for (CapturedFrame f = e.receive(false); f != null; f = e.receive(false)) {
      all.add(Integer.toHexString(f.protocol()) + " " + f.type());
    }
    return all;
  }

  @Test
  void allIsSeenInBothDirectionsOneTypeOnlyAsItArrives() {
    PacketEndpoint all = layerA.open(false, PacketEndpoint.ALL);
    PacketEndpoint arp = layerA.open(true, Ethernet.TYPE_ARP);
    UdpEndpoint udp = a.udp().open(false);
    udp.send(B, 9, new byte[] {1, 2, 3});
    List<String> expected = List.of("806 OUTGOING", "806 HOST", "800 OUTGOING", "800 HOST");
    assertEquals(expected, seen(all), "a question, its answer, a datagram, port unreachable");
    assertEquals(List.of("806 HOST"), seen(arp));
    all.close();
    arp.close();
    udp.close();
  }

  @Test
  void framesOfItsOwnAreSeenByOthersOnly() {
    PacketEndpoint sender = layerA.open(true, PacketEndpoint.ALL);
    PacketEndpoint witness = layerA.open(false, PacketEndpoint.ALL);
    PacketEndpoint other = layerB.open(false, OWN_TYPE);
    assertEquals(2, sender.send(1, OWN_TYPE, MAC_B, new byte[] {7, 8}));
    assertNull(sender.receive(false));
    CapturedFrame out = witness.receive(false);
    CapturedFrame in = other.receive(false);
    assertEquals(PacketType.OUTGOING, out.type());
    assertEquals(PacketType.HOST, in.type());
    assertEquals(MAC_A, in.source());
    assertArrayEquals(out.data(), in.data());
    assertEquals(16, in.data().length);
    sender.send(1, OWN_TYPE, STRANGER, new byte[] {7});
    sender.send(1, OWN_TYPE, MacAddress.BROADCAST, new byte[] {7});
    sender.send(1, OWN_TYPE, MacAddress.ofMulticast(IpAddress.ALL_HOSTS4), new byte[] {7});
    assertEquals(List.of("88b5 OTHER_HOST", "88b5 BROADCAST", "88b5 MULTICAST"), seen(other));
    other.close();
    assertEquals(2, sender.send(1, OWN_TYPE, MAC_B, new byte[] {7, 8}));
    assertNull(other.receive(false));
    sender.close();
    witness.close();
  }

  @Test
  void whatCannotBeSentSaysWhy() {
    PacketEndpoint raw = layerA.open(false, 0);
    PacketEndpoint cooked = layerA.open(true, 0);
    assertEquals(-Errno.ENXIO, raw.send(7, 0, null, new byte[60]));
    assertEquals(-Errno.EINVAL, raw.send(1, 0, null, new byte[13]));
    assertEquals(1514, raw.send(1, 0, null, frame(1514)));
    assertEquals(1518, raw.send(1, 0, null, frame(1518)), "with a tag");
    assertEquals(-Errno.EMSGSIZE, raw.send(1, 0, null, frame(1519)));
    assertEquals(1500, cooked.send(1, OWN_TYPE, MAC_B, new byte[1500]));
    assertEquals(-Errno.EMSGSIZE, cooked.send(1, OWN_TYPE, MAC_B, new byte[1501]));
    assertEquals(-Errno.EINVAL, cooked.send(1, OWN_TYPE, null, new byte[1]));
    assertEquals(-Errno.ENODEV, raw.bind(PacketEndpoint.ALL, 7));
    raw.close();
    cooked.close();
  }

  private static byte[] frame(int length) {
    byte[] f = new byte[length];
    Ethernet.write(f, 0, MAC_B, MAC_A, OWN_TYPE);
    return f;
  }

  @Test
  void aFullBufferLosesAndCounts() {
    PacketEndpoint sender = layerA.open(true, 0);
    PacketEndpoint e = layerB.open(true, OWN_TYPE);
    e.receiveBuffer(2304);
    e.filter(f -> f.number(0, 1) == 1 ? 2 : 0);
    for (int i = 0; i < 10; i++) {
      sender.send(1, OWN_TYPE, MAC_B, new byte[] {(byte) (i & 1), 5, 6});
    }
    assertEquals(Readiness.IN | Readiness.OUT, e.readiness());
    assertEquals(new PacketEndpoint.Statistics(5, 2, 0), e.takeStatistics());
    assertEquals(new PacketEndpoint.Statistics(0, 0, 0), e.takeStatistics());
    CapturedFrame f = e.receive(true);
    assertNotNull(f);
    assertEquals(3, f.length());
    assertArrayEquals(new byte[] {1, 5}, f.data(), "as much as the filter says");
    assertEquals(2, e.available());
    assertEquals(3, seen(e).size());
    assertEquals(Readiness.OUT, e.readiness());
    e.close();
    sender.close();
  }
}
