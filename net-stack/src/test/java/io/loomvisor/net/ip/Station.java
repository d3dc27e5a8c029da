package io.loomvisor.net.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.MacAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One network layer in virtual time whose only neighbour is the test: what it sends is looked at,
 * what it receives is written by hand.
 */
final class Station implements Transport {
  static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  static final MacAddress PEER_MAC = MacAddress.parse("02:00:00:00:00:02");
  static final IpAddress HOST4 = IpAddress.parse("10.0.0.1");
  static final IpAddress PEER4 = IpAddress.parse("10.0.0.2");
  static final IpAddress HOST6 = IpAddress.parse("fd00::1");
  static final IpAddress PEER6 = IpAddress.parse("fd00::2");

  /** For experiments (RFC 3692); delivered to this station. */
  static final int PROTOCOL = 253;

  final VirtualClock clock = new VirtualClock();
  final PacketPool pool = new PacketPool();
  final Mib mib = new Mib();
  final IpLayer ip;
  final Nic nic;
  final List<byte[]> delivered = new ArrayList<>();
  final List<IcmpError> errors = new ArrayList<>();
  private final PipeLink wire;
  private final ArrayDeque<byte[]> sent = new ArrayDeque<>();

  /** IGMP and MLD, which come whenever an address or group is added, are kept apart. */
  final ArrayDeque<byte[]> reports = new ArrayDeque<>();

  private Station(PipeLink[] pipe, boolean duplicateDetection) {
    ip = new IpLayer(clock, pool, mib, duplicateDetection);
    ip.register(PROTOCOL, this);
    wire = pipe[1];
    wire.attach(
        p -> {
          byte[] b = Arrays.copyOfRange(p.array(), p.start(), p.end());
          p.release();
          (isGroupReport(b) ? reports : sent).add(b);
        });
    nic = ip.addNic("eth0", pipe[0]);
  }

  /** On a link without link-layer addresses, with HOST4/24 and HOST6/64. */
  static Station onIp() {
    Station s = new Station(PipeLink.ip(1500), false);
    s.ip.addAddress(s.nic, HOST4, 24);
    s.ip.addAddress(s.nic, HOST6, 64);
    return s;
  }

  /** On Ethernet, without addresses. */
  static Station onEthernet(boolean duplicateDetection) {
    return new Station(PipeLink.ethernet(1500, MAC, PEER_MAC), duplicateDetection);
  }

  private boolean isGroupReport(byte[] b) {
    int ip = nic == null || nic.isEthernet() ? 14 : 0;
    boolean igmp = b.length > ip + 9 && b[ip] == 0x46 && b[ip + 9] == IpProtocol.IGMP;
    boolean mld = b.length > ip + 48 && b[ip] >>> 4 == 6 && b[ip + 6] == IpProtocol.HOP_BY_HOP;
    return igmp || mld;
  }

  @Override
  public void receive(PacketBuffer p) {
    delivered.add(Arrays.copyOfRange(p.array(), p.start(), p.end()));
    p.release();
  }

  @Override
  public void error(FlowKey flow, int sequence, IcmpError error) {
    errors.add(error);
  }

  void in(byte[] packet) {
    PacketBuffer p = pool.acquire(packet.length);
    p.append(packet, 0, packet.length);
    wire.write(p);
  }

  /** The next packet or frame that was sent; fails if there is none. */
  byte[] out() {
    assertTrue(!sent.isEmpty(), "nothing was sent");
    return sent.poll();
  }

  /** The next IP packet, out of its frame. */
  byte[] outOfFrame() {
    byte[] f = out();
    return Arrays.copyOfRange(f, 14, f.length);
  }

  void silent() {
    assertEquals(0, sent.size(), "something was sent");
  }

  int waiting() {
    return sent.size();
  }

  void forgetSent() {
    sent.clear();
  }

  /** Sends {@code data} from the station; false if it could not. */
  boolean send(IpAddress to, byte[] data) {
    Path path = ip.path(to, null, 0);
    if (path == null) {
      return false;
    }
    PacketBuffer p = pool.acquire(data.length);
    p.append(data, 0, data.length);
    p.flow.set(new FlowKey(path.source(), 0, to, 0));
    p.protocol = PROTOCOL;
    return ip.send(path, p, false);
  }

  /** Nothing failed and no buffer is missing. */
  void sound() {
    assertNull(Mailbox.takeFailure());
    assertEquals(0, pool.outstanding());
  }
}
