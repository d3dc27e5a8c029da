package io.loomvisor.net.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.NetStack;
import io.loomvisor.net.TcpListener;
import io.loomvisor.net.TcpSocket;
import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.MacAddress;
import io.loomvisor.net.wire.Udp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Frames with virtio headers, as a TAP device or a packet socket has them, without a device. */
@Timeout(60)
final class OffloadTest {
  private static final MacAddress A = MacAddress.parse("02:00:00:00:00:01");
  private static final MacAddress B = MacAddress.parse("02:00:00:00:00:02");
  private static final int BYTES = 5_000_000;

  /** One end of a line that carries headers and frames as bytes. */
  private static final class VirtioPipe implements Link {
    private final PacketPool pool = new PacketPool();
    private final MacAddress mac;
    private final MemorySegment line = Arena.ofAuto().allocate(VirtioNetHeader.SIZE);
    private final AtomicInteger longest = new AtomicInteger();
    private VirtioPipe peer;
    private volatile Receiver receiver;

    VirtioPipe(MacAddress mac) {
      this.mac = mac;
    }

    @Override
    public Framing framing() {
      return Framing.ETHERNET;
    }

    @Override
    public int mtu() {
      return 1500;
    }

    @Override
    public MacAddress mac() {
      return mac;
    }

    @Override
    public int segmentationLimit() {
      return 65_535;
    }

    @Override
    public boolean checksumOffload() {
      return true;
    }

    @Override
    public void attach(Receiver r) {
      receiver = r;
    }

    @Override
    public void write(PacketBuffer packet) {
      longest.accumulateAndGet(packet.length(), Math::max);
      PacketBuffer arriving = pool.acquire(packet.length());
      arriving.append(packet.array(), packet.start(), packet.length());
      VirtioNetHeader.write(line, packet);
      packet.release();
      assertEquals(VirtioNetHeader.Arrival.WHOLE, VirtioNetHeader.read(line, arriving));
      Receiver r = peer.receiver;
      if (r == null) {
        arriving.release(); // the other end is not up yet, and what is sent there is lost
      } else {
        r.receive(arriving);
      }
    }

    @Override
    public void close() {}
  }

  private static VirtioPipe[] pipe() {
    VirtioPipe a = new VirtioPipe(A);
    VirtioPipe b = new VirtioPipe(B);
    a.peer = b;
    b.peer = a;
    return new VirtioPipe[] {a, b};
  }

  @Test
  void dataCrossesInLargeUnitsOfBothVersions() throws Exception {
    for (String[] addresses :
        new String[][] {{"10.0.0.1/24", "10.0.0.2/24"}, {"fd00::1/64", "fd00::2/64"}}) {
      VirtioPipe[] pipe = pipe();
      String far = addresses[1].replaceAll("/.*", "");
      String to = far.contains(":") ? "[" + far + "]:80" : far + ":80";
      byte[] sent = new byte[BYTES];
      new Random(1).nextBytes(sent);
      try (NetStack a = stack(pipe[0], addresses[0]);
          NetStack b = stack(pipe[1], addresses[1]);
          TcpListener l = b.listen(to)) {
        TcpSocket c = a.connect(to);
        Thread.startVirtualThread(
            () -> {
              try (c) {
                c.outputStream().write(sent);
              } catch (java.io.IOException e) {
                throw new AssertionError(e);
              }
            });
        try (TcpSocket s = l.accept()) {
          assertArrayEquals(sent, s.inputStream().readAllBytes());
        }
      }
      assertTrue(pipe[0].longest.get() > 20_000, "largest frame " + pipe[0].longest);
      assertNull(Mailbox.takeFailure());
    }
  }

  private static NetStack stack(Link link, String address) {
    return NetStack.builder().duplicateDetection(false).link("eth0", link).address(address).build();
  }

  @Test
  void aDisturbedLineCarriesPlainPackets() {
    FaultyLink l = new FaultyLink(pipe()[0], null, Faults.NONE, 1);
    assertEquals(0, l.segmentationLimit());
    assertFalse(l.checksumOffload());
  }

  @Test
  void datagramsInOneFrameAreSplit() {
    PacketPool pool = new PacketPool();
    PacketBuffer p = datagrams(pool, 2_500);
    p.segmentSize = 1000;
    p.partialChecksum(p.start() + Ethernet.HEADER_LENGTH + Ipv4.MIN_HEADER, 6);
    List<PacketBuffer> out = new ArrayList<>();
    DatagramUnits.split(p, pool, out::add);
    assertEquals(3, out.size());
    int[] lengths = {1000, 1000, 500};
    for (int i = 0; i < lengths.length; i++) {
      PacketBuffer d = out.get(i);
      byte[] a = d.array();
      int ip = d.start() + Ethernet.HEADER_LENGTH;
      int udp = ip + Ipv4.MIN_HEADER;
      assertTrue(Ipv4.check(a, ip, d.end() - ip) && Ipv4.checksumValid(a, ip));
      assertEquals(Udp.HEADER + lengths[i], Udp.length(a, udp));
      assertEquals(i * 1000 & 0xff, Bytes.u8(a, udp + Udp.HEADER));
      long pseudo =
          Checksum.pseudo(
              IpAddress.parse("10.0.0.1"),
              IpAddress.parse("10.0.0.2"),
              IpProtocol.UDP,
              Udp.length(a, udp));
      assertTrue(Checksum.valid(Checksum.add(pseudo, a, udp, Udp.length(a, udp))));
      d.release();
    }
    assertEquals(0, pool.outstanding());
  }

  /** A frame with a UDP datagram of {@code length} bytes, each its offset. */
  private static PacketBuffer datagrams(PacketPool pool, int length) {
    int total = Ipv4.MIN_HEADER + Udp.HEADER + length;
    PacketBuffer p = pool.acquire(Ethernet.HEADER_LENGTH + total);
    int eth = p.append(Ethernet.HEADER_LENGTH + total);
    Ethernet.write(p.array(), eth, B, A, Ethernet.TYPE_IPV4);
    int from = IpAddress.parse("10.0.0.1").intValue();
    int to = IpAddress.parse("10.0.0.2").intValue();
    int ip = eth + Ethernet.HEADER_LENGTH;
    Ipv4.write(p.array(), ip, total, 0, 1, 0, 64, IpProtocol.UDP, from, to);
    int udp = ip + Ipv4.MIN_HEADER;
    Udp.write(p.array(), udp, Udp.HEADER + length, 1234, 53, 0);
    for (int i = 0; i < length; i++) {
      p.array()[udp + Udp.HEADER + i] = (byte) i;
    }
    return p;
  }

  @Test
  void aHeaderThatPointsBehindItsFrameIsRefused() {
    PacketPool pool = new PacketPool();
    PacketBuffer p = pool.acquire(60);
    p.append(60);
    MemorySegment m = Arena.ofAuto().allocate(VirtioNetHeader.SIZE);
    m.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 0, (byte) 1);
    m.set(java.lang.foreign.ValueLayout.JAVA_SHORT, 6, (short) 50);
    m.set(java.lang.foreign.ValueLayout.JAVA_SHORT, 8, (short) 9);
    assertEquals(VirtioNetHeader.Arrival.UNKNOWN, VirtioNetHeader.read(m, p));
    p.release();
  }
}
