package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.link.Faults;
import io.loomvisor.net.link.FaultyLink;
import io.loomvisor.net.link.Link;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.IpAddress;
import java.util.Random;
import java.util.zip.CRC32C;

/** Two stacks on the ends of one disturbed pipe, in virtual time, and transfers between them. */
final class TwoHosts {
  static final IpAddress A4 = IpAddress.parse("10.0.0.1");
  static final IpAddress B4 = IpAddress.parse("10.0.0.2");
  static final IpAddress A6 = IpAddress.parse("fd00::1");
  static final IpAddress B6 = IpAddress.parse("fd00::2");

  final VirtualClock clock = new VirtualClock();
  final PacketPool pool = new PacketPool();
  final Host a;
  final Host b;
  final FaultyLink ab;
  final FaultyLink ba;

  final class Host {
    final Mib mib = new Mib();
    final IpLayer ip = new IpLayer(clock, pool, mib, false);
    final TcpSettings settings = new TcpSettings();
    final TcpLayer tcp = new TcpLayer(ip, settings);
    final Nic nic;

    Host(Link link, IpAddress v4, IpAddress v6) {
      nic = ip.addNic("eth0", link);
      ip.addAddress(nic, v4, 24);
      ip.addAddress(nic, v6, 64);
    }
  }

  TwoHosts(PipeLink[] pipe, Faults faults, long seed) {
    ab = new FaultyLink(pipe[0], clock, faults, seed);
    ba = new FaultyLink(pipe[1], clock, faults, seed + 1);
    a = new Host(ab, A4, A6);
    b = new Host(ba, B4, B6);
  }

  /** A connected pair: the first at {@code a}, the second accepted at {@code b}. */
  TcpEndpoint[] connect(boolean v6) {
    TcpEndpoint listener = b.tcp.open(v6);
    assertEquals(0, listener.bind(IpAddress.any(v6), 80));
    assertEquals(0, listener.listen(16));
    TcpEndpoint client = a.tcp.open(v6);
    assertEquals(-Errno.EINPROGRESS, client.connect(v6 ? B6 : B4, 80));
    Accepted accepted = listener.accept();
    for (int i = 0; i < 100 && accepted.error() != 0; i++) {
      assertTrue(clock.runNext() || client.state() == State.ESTABLISHED);
      accepted = listener.accept();
    }
    assertEquals(0, accepted.error());
    while (client.state() == State.SYN_SENT) {
      assertTrue(clock.runNext());
    }
    assertEquals(State.ESTABLISHED, client.state());
    listener.close();
    return new TcpEndpoint[] {client, accepted.endpoint()};
  }

  /**
   * Sends {@code bytes} from {@code from} to {@code to} and closes; returns the virtual nanoseconds
   * it took.
   */
  long transfer(TcpEndpoint from, TcpEndpoint to, long bytes, long seed, long limit) {
    long start = clock.nanoTime();
    Random r = new Random(seed);
    CRC32C sent = new CRC32C();
    CRC32C got = new CRC32C();
    byte[] chunk = new byte[64 * 1024];
    byte[] in = new byte[48 * 1024];
    int at = 0;
    int have = 0;
    long written = 0;
    long read = 0;
    boolean shut = false;
    for (; ; ) {
      boolean moved = false;
      if (at == have && written < bytes) {
        have = (int) Math.min(chunk.length, bytes - written);
        r.nextBytes(chunk);
        sent.update(chunk, 0, have);
        at = 0;
      }
      if (at < have) {
        int n = from.write(chunk, at, have - at, false);
        if (n > 0) {
          at += n;
          written += n;
          moved = true;
        } else {
          assertEquals(-Errno.EAGAIN, n);
        }
      } else if (!shut) {
        assertEquals(0, from.shutdown(false, true));
        shut = true;
      }
      int n = to.read(in, 0, in.length);
      if (n > 0) {
        got.update(in, 0, n);
        read += n;
        moved = true;
      } else if (n == 0) {
        break;
      } else {
        assertEquals(-Errno.EAGAIN, n, "after " + read + " of " + bytes);
      }
      if (!moved) {
        assertTrue(clock.runNext(), "stuck after " + read + " of " + bytes);
        assertTrue(clock.nanoTime() - start < limit, "slow: " + read + " of " + bytes);
      }
    }
    assertNull(Mailbox.takeFailure());
    assertEquals(bytes, read);
    assertEquals(sent.getValue(), got.getValue());
    return clock.nanoTime() - start;
  }

  /** Closes both and waits until nothing is left of them. */
  void finish(TcpEndpoint... endpoints) {
    for (TcpEndpoint e : endpoints) {
      e.close();
    }
    clock.advance(300 * Clock.SECOND);
    assertNull(Mailbox.takeFailure());
    assertEquals(0, a.tcp.connections());
    assertEquals(0, b.tcp.connections());
    assertEquals(0, pool.outstanding());
  }
}
