package io.loomvisor.net.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.MacAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Two network layers on one Ethernet segment, in virtual time. */
final class IpLayerTest {
  private static final int PROTOCOL = 253;
  private final VirtualClock clock = new VirtualClock();
  private final PacketPool pool = new PacketPool();
  private final Host a = new Host();
  private final Host b = new Host();

  private final class Host implements Transport {
    final Mib mib = new Mib();
    final IpLayer ip = new IpLayer(clock, pool, mib, false);
    final List<byte[]> received = new ArrayList<>();
    final List<IcmpError> errors = new ArrayList<>();
    Nic nic;

    Host() {
      ip.register(PROTOCOL, this);
    }

    @Override
    public void receive(PacketBuffer p) {
      received.add(Arrays.copyOfRange(p.array(), p.start(), p.end()));
      p.release();
    }

    @Override
    public void error(FlowKey flow, int sequence, IcmpError error) {
      errors.add(error);
    }

    boolean send(IpAddress to, int protocol, byte[] data, boolean dontFragment) {
      Path path = ip.path(to, null, 0);
      PacketBuffer p = pool.acquire(data.length);
      p.append(data, 0, data.length);
      p.flow.set(new FlowKey(path.source(), 0, to, 0));
      p.protocol = protocol;
      return ip.send(path, p, dontFragment);
    }
  }

  private void connect() {
    MacAddress ma = MacAddress.parse("02:00:00:00:00:01");
    MacAddress mb = MacAddress.parse("02:00:00:00:00:02");
    PipeLink[] pipe = PipeLink.ethernet(1500, ma, mb);
    a.nic = a.ip.addNic("eth0", pipe[0]);
    b.nic = b.ip.addNic("eth0", pipe[1]);
    a.ip.addAddress(a.nic, IpAddress.parse("10.0.0.1"), 24);
    b.ip.addAddress(b.nic, IpAddress.parse("10.0.0.2"), 24);
    a.ip.addAddress(a.nic, IpAddress.parse("fd00::1"), 64);
    b.ip.addAddress(b.nic, IpAddress.parse("fd00::2"), 64);
  }

  private static byte[] data(int n) {
    byte[] d = new byte[n];
    new Random(n).nextBytes(d);
    return d;
  }

  @Test
  void fragmentsAreReassembledInBothVersions() {
    connect();
    for (String to : new String[] {"10.0.0.2", "fd00::2"}) {
      for (int n : new int[] {1, 1400, 1481, 9000, 65_000}) {
        b.received.clear();
        assertTrue(a.send(IpAddress.parse(to), PROTOCOL, data(n), false));
        assertEquals(1, b.received.size(), to + " " + n);
        assertArrayEquals(data(n), b.received.getFirst());
      }
    }
    assertTrue(b.mib.get(Counter.Ip_ReasmOKs) >= 3);
    assertEquals(0, pool.outstanding());
  }

  @Test
  void dontFragmentRefusesWhatDoesNotFit() {
    connect();
    assertFalse(a.send(IpAddress.parse("10.0.0.2"), PROTOCOL, data(1481), true));
    assertTrue(a.send(IpAddress.parse("10.0.0.2"), PROTOCOL, data(1480), true));
    assertEquals(0, pool.outstanding());
  }

  @Test
  void aNeighborThatDoesNotAnswerIsReportedRfc4861Section722() {
    connect();
    assertTrue(a.send(IpAddress.parse("10.0.0.77"), PROTOCOL, data(64), false));
    clock.advance(10 * Clock.SECOND);
    assertEquals(IcmpError.Kind.HOST_UNREACHABLE, a.errors.getFirst().kind());
    assertEquals(0, pool.outstanding());
  }

  @Test
  void anUnknownProtocolIsReportedRfc1122Section3221() {
    connect();
    a.ip.register(99, a);
    assertTrue(a.send(IpAddress.parse("10.0.0.2"), 99, data(64), false));
    assertEquals(IcmpError.Kind.PROTOCOL_UNREACHABLE, a.errors.getFirst().kind());
  }

  @Test
  void theLongestPrefixWins() {
    RouteTable t =
        new RouteTable(
            List.of(
                Route.toDefault(IpAddress.parse("10.0.0.1"), 1),
                Route.onLink(IpAddress.parse("10.1.0.0"), 16, 2),
                Route.onLink(IpAddress.parse("10.1.2.0"), 24, 3)));
    assertEquals(3, t.lookup(IpAddress.parse("10.1.2.9"), 0).nicId());
    assertEquals(2, t.lookup(IpAddress.parse("10.1.3.9"), 0).nicId());
    assertEquals(1, t.lookup(IpAddress.parse("8.8.8.8"), 0).nicId());
  }

  @Test
  void randomPacketsNeitherThrowNorLeak() {
    PipeLink[] pipe = PipeLink.ip(1500);
    Nic nic = b.ip.addNic("tun0", pipe[1]);
    b.ip.addAddress(nic, IpAddress.parse("10.0.0.2"), 24);
    Random r = new Random(3);
    for (int i = 0; i < 50_000; i++) {
      byte[] d = data(r.nextInt(200));
      r.nextBytes(d);
      if (d.length >= 20) {
        d[0] = (byte) (r.nextBoolean() ? 0x45 : 0x60);
        d[2] = 0;
        d[3] = (byte) d.length;
        IpAddress.parse("10.0.0.2").write(d, 16);
        Ipv4.writeChecksum(d, 0);
      }
      PacketBuffer p = pool.acquire(d.length);
      p.append(d, 0, d.length);
      pipe[0].write(p);
    }
    clock.advance(120 * Clock.SECOND);
    assertEquals(0, pool.outstanding());
  }
}
