package io.loomvisor.net.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.error.ErrorReport;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.link.LoopbackLink;
import io.loomvisor.net.raw.RawEndpoint;
import io.loomvisor.net.raw.RawLayer;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** UDP_GRO, filters, error queues and raw checksums on a loopback; Linux agrees (udp_gro.c, …). */
final class UnitsAndFiltersTest {
  private static final IpAddress LO = IpAddress.LOOPBACK4;
  private static final IpAddress LO6 = IpAddress.LOOPBACK6;
  private final PacketPool pool = new PacketPool();
  private final IpLayer ip = new IpLayer(new VirtualClock(), pool, new Mib(), false);
  private final UdpLayer udp = new UdpLayer(ip);
  private final RawLayer raw = new RawLayer(ip);
  private final byte[] data = new byte[5000];
  private final byte[] got = new byte[70_000];
  private final DatagramInfo info = new DatagramInfo();
  private final UdpEndpoint to;
  private final UdpEndpoint from;

  UnitsAndFiltersTest() {
    var lo = ip.addNic("lo", new LoopbackLink());
    ip.addAddress(lo, LO, 8);
    ip.addAddress(lo, LO6, 128);
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * 7 + i / 100);
    }
    to = udp.open(false);
    from = udp.open(false);
    assertEquals(0, to.bind(LO, 9));
  }

  @AfterEach
  void nothingIsHeld() {
    to.close();
    from.close();
    assertEquals(0, pool.outstanding());
    assertNull(Mailbox.takeFailure());
  }

  private int receive(int room, boolean peek) {
    return to.receive(got, 0, room, peek, info);
  }

  private void send(int length) {
    assertEquals(length, from.send(LO, 9, data, 0, length, false));
  }

  @Test
  void oneSendThatWasCutComesAsOne() {
    to.setOption(SocketOption.UDP_GRO, 1);
    from.setOption(SocketOption.UDP_SEGMENT, 1000);
    send(2500);
    send(2000);
    assertEquals(2500, to.available());
    assertEquals(2500, receive(got.length, true));
    assertEquals(2500, receive(got.length, false));
    assertEquals(1000, info.segment);
    assertArrayEquals(java.util.Arrays.copyOf(data, 2500), java.util.Arrays.copyOf(got, 2500));
    assertEquals(1500, receive(1500, false), "the rest is lost");
    assertEquals(2000, info.length);
    assertEquals(-Errno.EAGAIN, receive(1500, false));
    assertEquals(0, to.queuedBytes());
    send(900);
    assertEquals(900, receive(got.length, false));
    assertEquals(0, info.segment);
  }

  @Test
  void withoutTheOptionDatagramsAreWhatTheyWere() {
    from.setOption(SocketOption.UDP_SEGMENT, 1000);
    send(2500);
    assertEquals(1000, receive(got.length, false));
    assertEquals(0, info.segment);
  }

  @Test
  void whatComesInTwoSendsIsNotJoined() {
    to.setOption(SocketOption.UDP_GRO, 1);
    send(500);
    send(500);
    assertEquals(500, receive(got.length, false));
    assertEquals(0, info.segment);
  }

  @Test
  void aFilterDropsAndCuts() {
    to.filter(p -> p.array()[p.start() + 8] == data[0] ? 12 : 0);
    send(100);
    assertEquals(4, receive(got.length, false), "12 with the header of 8");
    to.filter(p -> 3);
    send(100);
    assertEquals(0, receive(got.length, false), "never less than the header");
    to.filter(p -> 0);
    send(100);
    assertEquals(-Errno.EAGAIN, receive(got.length, false));
    assertEquals(1, to.drops());
    to.filter(MessageFilter.ALL);
    send(100);
    assertEquals(100, receive(got.length, false));
  }

  @Test
  void tooLongIsReportedByTheQueueIpRecverr() {
    UdpEndpoint six = udp.open(true);
    six.setOption(SocketOption.IPV6_RECVERR, 1);
    six.setOption(SocketOption.IPV6_MTU_DISCOVER, 2);
    assertEquals(-Errno.EMSGSIZE, six.send(LO6, 9, new byte[65_500]));
    ErrorReport.Local r = (ErrorReport.Local) six.receiveError();
    assertEquals(65_536, r.mtu());
    assertEquals(9, r.destination().port());
    assertEquals(0, six.takeError());
    six.close();
  }

  @Test
  void completionsMakeItReadyForErrorsOnly() {
    from.zeroCopySent();
    from.zeroCopySent();
    assertEquals(Readiness.ERR, from.readiness() & Readiness.ERR);
    assertEquals(new ErrorReport.ZeroCopy(0, 1), from.receiveError());
    assertEquals(0, from.readiness() & Readiness.ERR);
  }

  @Test
  void rawSocketsHearOfErrorsAboutTheirProtocol() {
    RawEndpoint r = raw.open(false, IpProtocol.UDP);
    RawEndpoint other = raw.open(false, IpProtocol.TCP);
    r.setOption(SocketOption.IP_RECVERR, 1);
    other.setOption(SocketOption.IP_RECVERR, 1);
    from.send(LO, 4711, new byte[20]);
    ErrorReport.FromNetwork e = (ErrorReport.FromNetwork) r.receiveError();
    assertEquals(28, e.packet().length, "the UDP header and what was sent");
    assertNull(other.receiveError());
    r.close();
    other.close();
  }

  @Test
  void checksumsOfRawSocketsRfc3542Section31() {
    RawEndpoint sender = raw.open(true, 253);
    RawEndpoint receiver = raw.open(true, 253);
    sender.shutdown(true, false);
    assertEquals(-Errno.EINVAL, sender.checksum(3));
    assertEquals(0, sender.checksum(4));
    assertEquals(0, receiver.checksum(4));
    assertEquals(-Errno.EINVAL, sender.send(LO6, data, 0, 5));
    assertEquals(8, sender.send(LO6, data, 0, 8));
    assertEquals(8, receiver.receive(got, 0, 100, false, info));
    sender.checksum(-1);
    sender.send(LO6, data, 0, 8);
    assertEquals(-Errno.EAGAIN, receiver.receive(got, 0, 100, false, info), "a wrong one");
    sender.close();
    receiver.close();
  }
}
