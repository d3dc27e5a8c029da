package io.loomvisor.net.hostile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.NetStack;
import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.tcp.Accepted;
import io.loomvisor.net.tcp.TcpEndpoint;
import io.loomvisor.net.tcp.TcpSettings;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.IpAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;

/**
 * A host with two links: on one a friend, with whom a connection exists, on the other the attacker,
 * who is the test. In virtual time.
 */
final class Victim implements AutoCloseable {
  static final IpAddress ADDRESS = IpAddress.parse("10.0.0.1");
  static final IpAddress ADDRESS6 = IpAddress.parse("fd00::1");
  static final int PORT = 80;

  final VirtualClock clock = new VirtualClock();
  final PacketPool pool = new PacketPool();
  final TcpSettings settings = new TcpSettings();
  final NetStack host;
  final TcpEndpoint listener;
  final ArrayDeque<byte[]> answers = new ArrayDeque<>();
  private final NetStack friend;
  private final PipeLink attack;
  private final Random random = new Random(1);
  private TcpEndpoint near;
  private TcpEndpoint far;

  Victim() {
    this(PipeLink.ip(1500));
  }

  Victim(PipeLink[] attacked) {
    PipeLink[] quiet = PipeLink.ip(1500);
    attack = attacked[1];
    attack.attach(
        p -> {
          answers.add(Arrays.copyOfRange(p.array(), p.start(), p.end()));
          p.release();
        });
    host =
        NetStack.builder()
            .clock(clock)
            .pool(pool)
            .tcpSettings(settings)
            .duplicateDetection(false)
            .link("eth0", attacked[0])
            .address("10.0.0.1/8")
            .address("fd00::1/64")
            .link("eth1", quiet[0])
            .address("192.168.0.1/24")
            .build();
    friend =
        NetStack.builder()
            .clock(clock)
            .pool(pool)
            .link("eth0", quiet[1])
            .address("192.168.0.2/24")
            .build();
    listener = host.tcp().open(true);
    assertEquals(0, listener.bind(IpAddress.ANY6, PORT));
    assertEquals(0, listener.listen(16));
    befriend();
  }

  private void befriend() {
    far = friend.tcp().open(false);
    assertEquals(-Errno.EINPROGRESS, far.connect(IpAddress.parse("192.168.0.1"), PORT));
    clock.advance(Clock.MILLISECOND);
    Accepted a = listener.accept();
    assertEquals(0, a.error());
    near = a.endpoint();
  }

  /** Data goes both ways over the friend's connection, within a little time. */
  void friendIsServed() {
    byte[] data = new byte[20_000];
    byte[] got = new byte[data.length];
    random.nextBytes(data);
    for (TcpEndpoint[] way : new TcpEndpoint[][] {{near, far}, {far, near}}) {
      int written = 0;
      int read = 0;
      for (int i = 0; i < 100 && read < data.length; i++) {
        written += Math.max(0, way[0].write(data, written, data.length - written, false));
        read += Math.max(0, way[1].read(got, read, data.length - read));
        clock.advance(Clock.MILLISECOND);
      }
      assertArrayEquals(data, got);
    }
  }

  /** A new connection of the friend's is accepted. */
  void friendMayConnect() {
    TcpEndpoint c = friend.tcp().open(false);
    assertEquals(-Errno.EINPROGRESS, c.connect(IpAddress.parse("192.168.0.1"), PORT));
    Accepted a = listener.accept();
    for (int i = 0; i < 20 && a.error() != 0; i++) {
      assertEquals(1, c.write(new byte[1], 0, 1, false), "the handshake went through a cookie");
      clock.advance(Clock.SECOND);
      a = listener.accept();
    }
    assertEquals(0, a.error());
    a.endpoint().close();
    c.close();
  }

  void in(byte[] packet) {
    PacketBuffer p = pool.acquire(packet.length);
    p.append(packet, 0, packet.length);
    attack.write(p);
  }

  /** Nothing was thrown inside the stack. */
  void sound() {
    assertNull(Mailbox.takeFailure());
  }

  /** The friend leaves; then nothing must be left. */
  @Override
  public void close() {
    sound();
    near.close();
    far.close();
    listener.close();
    clock.advance(600 * Clock.SECOND);
    sound();
    assertEquals(0, pool.outstanding());
    assertTrue(host.tcp().connections() == 0, "connections left");
  }
}
