package io.loomvisor.net.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.loomvisor.net.NetStack;
import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.filter.RuleSet;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.tcp.Accepted;
import io.loomvisor.net.tcp.TcpEndpoint;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.IpAddress;

/**
 * Two hosts inside (10.0.1.2 on eth1, 10.0.2.2 on eth2), a gateway, and one outside that knows no
 * way inside: 192.0.2.9, with the gateway's 192.0.2.1 on eth0. The same in IPv6 with fd01::2,
 * fd02::2, 2001:db8::9 and 2001:db8::1. In virtual time.
 */
final class Gateway implements AutoCloseable {
  static final IpAddress OUTSIDE = IpAddress.parse("192.0.2.9");
  static final IpAddress OUTER = IpAddress.parse("192.0.2.1");
  static final IpAddress OUTSIDE6 = IpAddress.parse("2001:db8::9");
  static final IpAddress OUTER6 = IpAddress.parse("2001:db8::1");

  final VirtualClock clock = new VirtualClock();
  final PacketPool pool = new PacketPool();
  final NetStack first;
  final NetStack second;
  final NetStack gateway;
  final NetStack outside;

  Gateway() {
    this(1500);
  }

  /** {@code mtu}: of the link to the outside. */
  Gateway(int mtu) {
    PipeLink[] one = PipeLink.ipWithOffload(1500);
    PipeLink[] two = PipeLink.ip(1500);
    PipeLink[] out = PipeLink.ip(mtu);
    first = inside(one[0], 1);
    second = inside(two[0], 2);
    gateway =
        host()
            .forwarding(true)
            .loopback()
            .link("eth0", out[0])
            .address("192.0.2.1/24")
            .address("2001:db8::1/64")
            .link("eth1", one[1])
            .address("10.0.1.1/24")
            .address("fd01::1/64")
            .link("eth2", two[1])
            .address("10.0.2.1/24")
            .address("fd02::1/64")
            .build();
    outside = host().link("eth0", out[1]).address("192.0.2.9/24").address("2001:db8::9/64").build();
  }

  private NetStack.Builder host() {
    return NetStack.builder().clock(clock).pool(pool).duplicateDetection(false);
  }

  private NetStack inside(PipeLink link, int n) {
    return host()
        .link("eth0", link)
        .address("10.0." + n + ".2/24")
        .gateway("10.0." + n + ".1")
        .address("fd0" + n + "::2/64")
        .gateway("fd0" + n + "::1")
        .build();
  }

  void rules(RuleSet r) {
    gateway.firewall().install(r);
  }

  static TcpEndpoint listen(NetStack at, int port) {
    TcpEndpoint l = at.tcp().open(true);
    assertEquals(0, l.bind(IpAddress.ANY6, port));
    assertEquals(0, l.listen(16));
    return l;
  }

  /** A connection from {@code from}; {@code port} 0: any of its own. */
  TcpEndpoint connect(NetStack from, int port, String to, int toPort) {
    IpAddress a = IpAddress.parse(to);
    TcpEndpoint c = from.tcp().open(a.v6());
    if (port != 0) {
      assertEquals(0, c.bind(IpAddress.any(a.v6()), port));
    }
    assertEquals(-Errno.EINPROGRESS, c.connect(a, toPort));
    clock.advance(100 * Clock.MILLISECOND);
    return c;
  }

  static TcpEndpoint accept(TcpEndpoint listener) {
    Accepted a = listener.accept();
    assertEquals(0, a.error());
    return a.endpoint();
  }

  /** Data goes both ways. */
  void talk(TcpEndpoint a, TcpEndpoint b) {
    for (TcpEndpoint[] way : new TcpEndpoint[][] {{a, b}, {b, a}}) {
      byte[] data = io.loomvisor.net.ip.Packets.data(50_000);
      byte[] got = new byte[data.length];
      int sent = 0;
      int read = 0;
      for (int i = 0; i < 1000 && read < data.length; i++) {
        sent += Math.max(0, way[0].write(data, sent, data.length - sent, false));
        read += Math.max(0, way[1].read(got, read, data.length - read));
        clock.advance(Clock.MILLISECOND);
      }
      org.junit.jupiter.api.Assertions.assertArrayEquals(data, got);
    }
  }

  /** Nothing was thrown, and once all connections are forgotten no buffer is missing. */
  @Override
  public void close() {
    assertNull(Mailbox.takeFailure());
    gateway.firewall().forgetConnections();
    clock.advance(600 * Clock.SECOND);
    assertNull(Mailbox.takeFailure());
    assertEquals(0, pool.outstanding());
  }
}
