package io.loomvisor.net.ip;

import static io.loomvisor.net.ip.Packets.data;
import static io.loomvisor.net.ip.Packets.ethernet;
import static io.loomvisor.net.ip.Packets.hex;
import static io.loomvisor.net.ip.Packets.ipv4;
import static io.loomvisor.net.ip.Packets.ipv6;
import static io.loomvisor.net.ip.Packets.join;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.link.HandLink;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.MacAddress;
import io.loomvisor.net.wire.Tcp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Segments that arrive together: what is joined, what is not, and that nothing changes by it. */
final class CoalescerTest implements Transport {
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  private static final MacAddress PEER_MAC = MacAddress.parse("02:00:00:00:00:02");
  private static final String STAMP = "01 01 08 0a 00 00 00 09 00 00 00 07";

  private final PacketPool pool = new PacketPool();
  private final IpLayer ip = new IpLayer(new VirtualClock(), pool, new Mib(), false);
  private final HandLink link = new HandLink(pool, null, 1500);
  private final HandLink cable = new HandLink(pool, MAC, 1500);
  private final List<PacketBuffer> got = new ArrayList<>();

  CoalescerTest() {
    Nic tun = ip.addNic("tun0", link);
    ip.addAddress(tun, Station.HOST4, 24);
    ip.addAddress(tun, Station.HOST6, 64);
    ip.addAddress(ip.addNic("eth0", cable), IpAddress.parse("10.0.1.1"), 24);
    ip.register(IpProtocol.TCP, this);
  }

  @Override
  public void receive(PacketBuffer p) {
    got.add(p);
  }

  @Override
  public void error(FlowKey flow, int sequence, IcmpError error) {}

  @AfterEach
  void sound() {
    assertNull(Mailbox.takeFailure());
    got.forEach(PacketBuffer::release);
    assertEquals(0, pool.outstanding());
  }

  /** A segment of {@code n} bytes at {@code seq}, from {@code port} of the peer to port 80. */
  private static byte[] segment(boolean v6, int port, int flags, int seq, String options, int n) {
    byte[] o = hex(options);
    byte[] t = join(new byte[Tcp.MIN_HEADER], o, data(n));
    Tcp.write(t, 0, Tcp.MIN_HEADER + o.length, port, 80, seq, 77, flags, 1000, 0);
    IpAddress from = v6 ? Station.PEER6 : Station.PEER4;
    IpAddress to = v6 ? Station.HOST6 : Station.HOST4;
    Tcp.writeChecksum(t, 0, t.length, Checksum.pseudo(from, to, IpProtocol.TCP, t.length));
    return v6
        ? ipv6(from, to, IpProtocol.TCP, 64, t)
        : ipv4(from, to, IpProtocol.TCP, 0, Ipv4.DONT_FRAGMENT, new byte[0], t);
  }

  private static byte[] ack(int seq, int n) {
    return segment(false, 5000, Tcp.ACK, seq, STAMP, n);
  }

  private int[] payloads() {
    return got.stream()
        .mapToInt(p -> p.length() - Tcp.headerLength(p.array(), p.start()))
        .toArray();
  }

  private void expect(int... payloads) {
    assertArrayEquals(payloads, payloads(), Arrays.toString(payloads()));
  }

  @Test
  void aRunOfSegmentsBecomesOne() {
    for (boolean v6 : new boolean[] {false, true}) {
      List<byte[]> run = new ArrayList<>();
      for (int i = 0; i < 44; i++) {
        int flags = i == 43 ? Tcp.ACK | Tcp.PSH : Tcp.ACK;
        run.add(segment(v6, 5000, flags, i * 1400, STAMP, i == 43 ? 99 : 1400));
      }
      link.deliver(run);
      expect(43 * 1400 + 99);
      PacketBuffer p = got.removeFirst();
      assertEquals(1400, p.segmentSize);
      assertTrue(p.checksumTrusted);
      byte[] a = p.array();
      assertEquals(Tcp.ACK | Tcp.PSH, Tcp.flags(a, p.start()));
      int at = p.start() + 32;
      for (int i = 0; i < 44; i++) {
        int n = i == 43 ? 99 : 1400;
        assertArrayEquals(data(n), Arrays.copyOfRange(a, at + i * 1400, at + i * 1400 + n));
      }
      assertTrue(v6 || Ipv4.checksumValid(a, p.networkOffset));
      p.release();
    }
  }

  @Test
  void whatIsFullIsFollowedByAnother() {
    List<byte[]> run = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      run.add(ack(i * 1400, 1400));
    }
    link.deliver(run);
    expect(46 * 1400, 4 * 1400);
  }

  @Test
  void aSmallOneEndsARunAndALargerOneBeginsAnother() {
    link.deliver(List.of(ack(0, 100), ack(100, 100), ack(200, 50), ack(250, 50), ack(300, 60)));
    expect(250, 50, 60);
  }

  @Test
  void pshEndsARun() {
    link.deliver(
        List.of(
            ack(0, 100), segment(false, 5000, Tcp.ACK | Tcp.PSH, 100, STAMP, 100), ack(200, 100)));
    expect(200, 100);
  }

  @Test
  void whatDiffersIsNotJoined() {
    byte[] first = ack(0, 100);
    byte[][] others = {
      ack(101, 100),
      ack(0, 100),
      segment(false, 5001, Tcp.ACK, 100, STAMP, 100),
      segment(false, 5000, Tcp.ACK, 100, "", 100),
      segment(false, 5000, Tcp.ACK, 100, STAMP.replace('9', '8'), 100),
      segment(false, 5000, Tcp.ACK | Tcp.FIN, 100, STAMP, 100),
      segment(false, 5000, Tcp.ACK | Tcp.URG, 100, STAMP, 100),
      segment(false, 5000, Tcp.ACK | Tcp.ECE, 100, STAMP, 100),
      segment(false, 5000, Tcp.ACK, 100, STAMP, 0),
      edit(ack(100, 100), 1, 3),
      edit(ack(100, 100), 8, 9),
    };
    for (byte[] other : others) {
      link.deliver(List.of(first, other));
      assertEquals(2, got.size());
      got.forEach(p -> assertEquals(0, p.segmentSize));
      got.forEach(PacketBuffer::release);
      got.clear();
    }
  }

  /** Changes a byte of the IPv4 header and makes its checksum right. */
  private static byte[] edit(byte[] p, int at, int value) {
    p[at] = (byte) value;
    Ipv4.writeChecksum(p, 0);
    return p;
  }

  @Test
  void aDamagedSegmentIsNotJoinedAndNotBelieved() {
    byte[] bad = ack(100, 100);
    bad[80] ^= 4;
    link.deliver(List.of(ack(0, 100), bad, ack(200, 100)));
    expect(100, 100, 100);
    assertTrue(got.get(0).checksumTrusted);
    assertTrue(!got.get(1).checksumTrusted);
  }

  @Test
  void flowsThatAreMixedAreJoinedEach() {
    List<byte[]> mixed = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      for (int port = 5000; port < 5004; port++) {
        mixed.add(segment(port == 5003, port, Tcp.ACK, i * 100, STAMP, 100));
      }
    }
    link.deliver(mixed);
    expect(500, 500, 500, 500);
  }

  @Test
  void theFillOfSmallFramesIsCutRfc894() {
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      byte[] t = join(new byte[Tcp.MIN_HEADER], data(2));
      Tcp.write(t, 0, Tcp.MIN_HEADER, 5000, 80, i * 2, 77, Tcp.ACK, 1000, 0);
      IpAddress from = IpAddress.parse("10.0.1.2");
      IpAddress to = IpAddress.parse("10.0.1.1");
      Tcp.writeChecksum(t, 0, t.length, Checksum.pseudo(from, to, IpProtocol.TCP, t.length));
      int dont = Ipv4.DONT_FRAGMENT;
      byte[] packet = ipv4(from, to, IpProtocol.TCP, 0, dont, new byte[0], t);
      frames.add(ethernet(MAC, PEER_MAC, Ethernet.TYPE_IPV4, join(packet, new byte[4])));
      frames.add(ethernet(PEER_MAC, MAC, Ethernet.TYPE_IPV4, packet));
      frames.add(new byte[5]);
    }
    cable.deliver(frames);
    expect(6);
  }

  @Test
  void aRouterUndoesIt() {
    ip.forwarding(true);
    HandLink narrow = new HandLink(pool, null, 1000);
    ip.addAddress(ip.addNic("tun1", narrow), IpAddress.parse("10.0.2.1"), 24);
    List<byte[]> run = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      byte[] t = join(new byte[Tcp.MIN_HEADER], data(900));
      Tcp.write(t, 0, Tcp.MIN_HEADER, 5000, 80, i * 900, 77, Tcp.ACK, 1000, 0);
      IpAddress to = IpAddress.parse("10.0.2.2");
      long sum = Checksum.pseudo(Station.PEER4, to, IpProtocol.TCP, t.length);
      Tcp.writeChecksum(t, 0, t.length, sum);
      int dont = Ipv4.DONT_FRAGMENT;
      run.add(ipv4(Station.PEER4, to, IpProtocol.TCP, 0, dont, new byte[0], t));
    }
    link.deliver(run);
    assertEquals(5, narrow.sent.size());
    for (byte[] p : run) {
      assertArrayEquals(edit(p, 8, 63), narrow.sent.poll());
    }
    // Segments that are larger than what follows are reported, not sent (RFC 1191).
    narrow.sent.clear();
    link.sent.clear();
    ip.removeNic(ip.nics().getLast());
    HandLink narrower = new HandLink(pool, null, 800);
    ip.addAddress(ip.addNic("tun2", narrower), IpAddress.parse("10.0.2.1"), 24);
    link.deliver(run.stream().map(p -> edit(p, 8, 64)).toList());
    assertEquals(0, narrower.sent.size());
    byte[] m = link.sent.poll();
    assertEquals(3, m[20]);
    assertEquals(4, m[21]);
    assertEquals(800, Bytes.u16(m, 26));
  }

  /** Whatever arrives in whatever order, splitting gives back each flow as it was. */
  @Test
  void nothingIsLostChangedOrReorderedWithinAFlow() {
    Random r = new Random(9);
    int joined = 0;
    for (int round = 0; round < 2000; round++) {
      List<byte[]> batch = new ArrayList<>();
      int[] next = new int[4];
      for (int n = r.nextInt(64); n >= 0; n--) {
        int f = r.nextInt(r.nextInt(4) + 1);
        int size = r.nextInt(5) == 0 ? r.nextInt(300) : 300;
        int flags = r.nextInt(12) == 0 ? r.nextInt(64) : Tcp.ACK;
        int seq = next[f] + (r.nextInt(15) == 0 ? r.nextInt(9) - 4 : 0);
        String options = r.nextInt(15) == 0 ? "01 01 01 01" : STAMP;
        byte[] p = segment((f & 1) != 0, 6000 + f, flags, seq, options, size);
        if (r.nextInt(20) == 0) {
          p[r.nextInt(p.length)] ^= (byte) (1 << r.nextInt(8));
        }
        next[f] = seq + size;
        batch.add(p);
      }
      link.deliver(batch);
      List<byte[]> together = split();
      int fewer = got.size();
      got.clear();
      batch.forEach(link::deliver);
      List<byte[]> single = split();
      joined += got.size() - fewer;
      got.clear();
      assertEquals(byFlow(single), byFlow(together), "round " + round);
      link.sent.clear();
    }
    assertTrue(joined > 10_000, "joined " + joined);
  }

  /** What was delivered, as single packets, released. */
  private List<byte[]> split() {
    List<byte[]> all = new ArrayList<>();
    for (PacketBuffer p : got) {
      int header = p.start() - p.networkOffset;
      p.prepend(header);
      if (p.segmentSize == 0) {
        all.add(Arrays.copyOfRange(p.array(), p.start(), p.end()));
        p.release();
      } else {
        Segmentation.split(
            p,
            pool,
            header,
            s -> {
              all.add(Arrays.copyOfRange(s.array(), s.start(), s.end()));
              s.release();
            });
      }
    }
    return all;
  }

  private static Map<Integer, List<String>> byFlow(List<byte[]> packets) {
    Map<Integer, List<String>> m = new HashMap<>();
    for (byte[] p : packets) {
      int header = p[0] >>> 4 == 6 ? 40 : (p[0] & 15) * 4;
      m.computeIfAbsent(Bytes.u16(p, header), k -> new ArrayList<>())
          .add(java.util.HexFormat.of().formatHex(p));
    }
    return m;
  }
}
