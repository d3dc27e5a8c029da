package io.loomvisor.net.udp;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.ip.IcmpError;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Transport;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Udp;
import java.security.SecureRandom;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the endpoint of a datagram. One endpoint per port and IP version; port numbers are drawn at
 * random.
 */
public final class UdpLayer implements Transport {
  /** Linux's ip_local_port_range. */
  private static final int FIRST_EPHEMERAL = 32_768;

  private static final int EPHEMERAL = 28_232;
  private final IpLayer ip;
  private final SecureRandom random = new SecureRandom();
  private final ConcurrentHashMap<Integer, UdpEndpoint> ports4 = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Integer, UdpEndpoint> ports6 = new ConcurrentHashMap<>();

  public UdpLayer(IpLayer ip) {
    this.ip = ip;
    ip.register(IpProtocol.UDP, this);
  }

  public UdpEndpoint open(boolean v6) {
    return new UdpEndpoint(ip, this, v6);
  }

  /** The port taken, or a negative errno. {@code port} 0: any free one (RFC 6056 section 3.3.1). */
  int take(UdpEndpoint e, boolean v6, int port) {
    ConcurrentHashMap<Integer, UdpEndpoint> ports = v6 ? ports6 : ports4;
    if (port != 0) {
      return ports.putIfAbsent(port, e) == null ? port : -UdpEndpoint.EADDRINUSE;
    }
    int start = random.nextInt(EPHEMERAL);
    for (int i = 0; i < EPHEMERAL; i++) {
      int p = FIRST_EPHEMERAL + (start + i) % EPHEMERAL;
      if (ports.putIfAbsent(p, e) == null) {
        return p;
      }
    }
    return -UdpEndpoint.EADDRINUSE;
  }

  void give(UdpEndpoint e, boolean v6, int port) {
    (v6 ? ports6 : ports4).remove(port, e);
  }

  @Override
  public void receive(PacketBuffer p) {
    byte[] a = p.array();
    int at = p.start();
    FlowKey f = p.flow;
    if (!Udp.check(a, at, p.length())) {
      ip.mib().count(Counter.Udp_InErrors);
      p.release();
      return;
    }
    int n = Udp.length(a, at);
    p.truncate(n);
    int sum = Udp.checksum(a, at);
    // RFC 8200 section 8.1: over IPv6 a datagram without a checksum is discarded.
    boolean bad =
        sum == 0
            ? f.v6
            : !p.checksumTrusted && !Checksum.valid(Checksum.add(pseudo(f, n), a, at, n));
    if (bad) {
      ip.mib().count(Counter.Udp_InCsumErrors);
      ip.mib().count(Counter.Udp_InErrors);
      p.release();
      return;
    }
    f.localPort = Udp.destinationPort(a, at);
    f.remotePort = Udp.sourcePort(a, at);
    UdpEndpoint e = (f.v6 ? ports6 : ports4).get(f.localPort);
    if (e == null) {
      ip.mib().count(Counter.Udp_NoPorts);
      ip.portUnreachable(p);
      p.release();
      return;
    }
    e.arrive(p);
  }

  static long pseudo(FlowKey f, int n) {
    return Checksum.pseudo(f.v6, f.localHi, f.localLo, f.remoteHi, f.remoteLo, IpProtocol.UDP, n);
  }

  @Override
  public void error(FlowKey flow, int sequence, IcmpError error) {
    if (error.kind() == IcmpError.Kind.TOO_BIG) {
      ip.learnMtu(flow.remote(), error.mtu());
    }
    UdpEndpoint e = (flow.v6 ? ports6 : ports4).get(flow.localPort);
    if (e != null) {
      IpAddress remote = flow.remote();
      e.fail(remote, flow.remotePort, error);
    }
  }
}
