package io.loomvisor.net.raw;

import static io.loomvisor.net.ip.Packets.data;
import static io.loomvisor.net.ip.Packets.icmp4;
import static io.loomvisor.net.ip.Packets.icmp6;
import static io.loomvisor.net.ip.Packets.ipv4;
import static io.loomvisor.net.ip.Packets.slice;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.NetStack;
import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.udp.DatagramInfo;
import io.loomvisor.net.wire.Icmp4;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.MacAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Raw and echo endpoints of one host towards another, in virtual time. */
final class RawTest {
  private static final IpAddress A = IpAddress.parse("10.0.0.1");
  private static final IpAddress B = IpAddress.parse("10.0.0.2");
  private static final IpAddress A6 = IpAddress.parse("fd00::1");
  private static final IpAddress B6 = IpAddress.parse("fd00::2");
  private static final IpAddress NOBODY = IpAddress.parse("10.0.0.77");

  private final VirtualClock clock = new VirtualClock();
  private final PacketPool pool = new PacketPool();
  private final PipeLink[] cable =
      PipeLink.ethernet(
          1500, MacAddress.parse("02:00:00:00:00:01"), MacAddress.parse("02:00:00:00:00:02"));
  private final NetStack a = host(cable[0], "10.0.0.1/24", "fd00::1/64");
  private final NetStack b = host(cable[1], "10.0.0.2/24", "fd00::2/64");
  private final byte[] got = new byte[70_000];
  private final DatagramInfo info = new DatagramInfo();

  private NetStack host(PipeLink link, String four, String six) {
    return NetStack.builder()
        .clock(clock)
        .pool(pool)
        .duplicateDetection(false)
        .link("eth0", link)
        .address(four)
        .address(six)
        .build();
  }

  @AfterEach
  void sound() {
    clock.advance(10 * Clock.SECOND);
    assertNull(Mailbox.takeFailure());
  }

  private int receive(RawEndpoint e) {
    return e.receive(got, 0, got.length, false, info);
  }

  @Test
  void anEchoEndpointHearsItsOwnAnswersIcmp7() {
    RawEndpoint e = a.raw().openEcho(false);
    RawEndpoint other = a.raw().openEcho(false);
    assertEquals(0, e.bind(IpAddress.ANY4, 7));
    assertEquals(0, other.bind(IpAddress.ANY4, 8));
    byte[] request = icmp4(Icmp4.ECHO_REQUEST, 0, 99 << 16 | 5, data(3000));
    assertEquals(3008, e.send(B, request, 0, 3008));
    assertEquals(Readiness.IN | Readiness.OUT, e.readiness());
    assertEquals(3008, receive(e));
    assertArrayEquals(icmp4(Icmp4.ECHO_REPLY, 0, 7 << 16 | 5, data(3000)), slice(got, 0, 3008));
    assertEquals(B, info.source);
    assertEquals(A, info.destination);
    assertEquals(-Errno.EAGAIN, receive(e));
    assertEquals(-Errno.EAGAIN, receive(other));
    e.close();
    other.close();
    assertEquals(0, pool.outstanding());
  }

  @Test
  void anEchoEndpointOfIpv6() {
    RawEndpoint e = a.raw().openEcho(true);
    byte[] request = icmp6(A6, B6, Icmp6.ECHO_REQUEST, 0, 5, data(60));
    assertEquals(68, e.send(B6, request, 0, 68));
    assertEquals(68, receive(e));
    int id = e.localAddress().port();
    assertArrayEquals(
        icmp6(B6, A6, Icmp6.ECHO_REPLY, 0, id << 16 | 5, data(60)), slice(got, 0, 68));
    e.close();
  }

  @Test
  void aHostThatDoesNotAnswerIsToldToWhoIsConnectedOrWantsToKnow() {
    RawEndpoint e = a.raw().openEcho(false);
    RawEndpoint quiet = a.raw().openEcho(false);
    assertEquals(0, e.setOption(SocketOption.IP_RECVERR, 1));
    byte[] request = icmp4(Icmp4.ECHO_REQUEST, 0, 1, data(8));
    assertEquals(16, e.send(NOBODY, request, 0, 16));
    assertEquals(16, quiet.send(NOBODY, request, 0, 16));
    clock.advance(5 * Clock.SECOND);
    assertEquals(-Errno.EHOSTUNREACH, receive(e));
    assertEquals(-Errno.EAGAIN, receive(quiet));
    e.close();
    quiet.close();
  }

  @Test
  void rawEndpointsSeeWholePacketsBesidesWhoeverTakesThemRaw7() {
    RawEndpoint all = b.raw().open(false, 1);
    RawEndpoint replies = a.raw().open(false, 1);
    RawEndpoint elsewhere = b.raw().open(false, 1);
    assertEquals(0, elsewhere.connect(NOBODY, 0));
    replies.filter(new byte[] {(byte) 0xfe, (byte) 0xff});
    byte[] request = icmp4(Icmp4.ECHO_REQUEST, 0, 1, data(40));
    assertEquals(0, replies.setOption(SocketOption.IP_TTL, 9));
    assertEquals(48, replies.send(B, request, 0, 48));
    assertEquals(68, receive(all));
    assertEquals(9, Ipv4.ttl(got, 0));
    assertArrayEquals(request, slice(got, 20, 68));
    assertTrue(Ipv4.checksumValid(got, 0));
    assertEquals(68, receive(replies));
    assertEquals(Icmp4.ECHO_REPLY, Icmp4.type(got, 20));
    assertEquals(-Errno.EAGAIN, receive(elsewhere));
    all.close();
    replies.close();
    elsewhere.close();
  }

  @Test
  void aProtocolThatARawEndpointTakesIsNotUnknown() {
    RawEndpoint to = b.raw().open(false, 253);
    RawEndpoint from = a.raw().open(false, 253);
    assertEquals(4, from.send(B, new byte[4], 0, 4));
    assertEquals(24, receive(to));
    assertEquals(0, b.mib().get(Counter.Icmp_OutDestUnreachs));
    to.close();
    assertEquals(4, from.send(B, new byte[4], 0, 4));
    assertEquals(1, b.mib().get(Counter.Icmp_OutDestUnreachs));
    from.close();
  }

  @Test
  void aHeaderThatIsWrittenIsSentRaw7() {
    RawEndpoint to = b.raw().open(false, 253);
    RawEndpoint from = a.raw().open(false, 255);
    byte[] p = ipv4(IpAddress.parse("10.0.0.9"), B, 253, 4, 0, new byte[0], data(10));
    p[10] ^= 1;
    p[2] = 99;
    assertEquals(30, from.send(B, p, 0, 30));
    assertEquals(30, receive(to));
    assertEquals(30, Ipv4.totalLength(got, 0));
    assertEquals(4, Ipv4.identification(got, 0));
    assertEquals(IpAddress.parse("10.0.0.9"), info.source);
    assertEquals(-Errno.EINVAL, from.send(B, p, 0, 19));
    p[0] = 0x4f;
    assertEquals(-Errno.EINVAL, from.send(B, p, 0, 30));
    p[0] = 0x41;
    assertEquals(-Errno.EINVAL, from.send(B, p, 0, 30));
    assertEquals(-Errno.EMSGSIZE, from.send(B, new byte[1501], 0, 1501));
    to.close();
    from.close();
  }

  @Test
  void onlyEchoRequestsLeaveAnEchoEndpoint() {
    RawEndpoint e = a.raw().openEcho(false);
    byte[] reply = icmp4(Icmp4.ECHO_REPLY, 0, 1, data(8));
    assertEquals(-Errno.EINVAL, e.send(B, reply, 0, 16));
    byte[] code = icmp4(Icmp4.ECHO_REQUEST, 1, 1, data(8));
    assertEquals(-Errno.EINVAL, e.send(B, code, 0, 16));
    assertEquals(-Errno.EINVAL, e.send(B, code, 0, 7));
    assertEquals(-Errno.EDESTADDRREQ, e.send(null, code, 0, 16));
    assertEquals(-Errno.ENETUNREACH, e.connect(IpAddress.parse("8.8.8.8"), 0));
    e.close();
  }

  @Test
  void aReaderThatSleepsCostsBoundedMemory() {
    RawEndpoint sleeper = b.raw().open(false, 1);
    RawEndpoint e = a.raw().openEcho(false);
    byte[] request = icmp4(Icmp4.ECHO_REQUEST, 0, 1, data(8));
    for (int i = 0; i < 5000; i++) {
      assertEquals(16, e.send(B, request, 0, 16));
    }
    assertEquals(2 * 212_992 / 832, pool.outstanding(), "the sleeper's and its own");
    sleeper.close();
    e.close();
    assertEquals(0, pool.outstanding());
  }
}
