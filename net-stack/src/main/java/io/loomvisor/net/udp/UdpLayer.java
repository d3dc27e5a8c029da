package io.loomvisor.net.udp;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.ip.IcmpError;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Transport;
import io.loomvisor.net.socket.EphemeralPorts;
import io.loomvisor.net.socket.PortTable;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Udp;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the endpoints of a datagram: for unicast the one that fits best, for groups and broadcasts
 * all that fit. Any thread may call.
 */
public final class UdpLayer implements Transport {
  private final IpLayer ip;
  private final PortTable ports = new PortTable();
  private final EphemeralPorts ephemeral = new EphemeralPorts();

  /** By port, oldest first; arrays are replaced, never changed. */
  private final ConcurrentHashMap<Integer, UdpBinding[]> bindings = new ConcurrentHashMap<>();

  public UdpLayer(IpLayer ip) {
    this.ip = ip;
    ip.register(IpProtocol.UDP, this);
  }

  /** A new endpoint: AF_INET6 if {@code v6}, else AF_INET. */
  public UdpEndpoint open(boolean v6) {
    return new UdpEndpoint(ip, this, v6);
  }

  /** Endpoints with a port, as /proc/net/udp lists them; a snapshot. */
  public List<UdpEndpoint> endpoints() {
    return bindings.values().stream().flatMap(Arrays::stream).map(UdpBinding::endpoint).toList();
  }

  PortTable ports() {
    return ports;
  }

  EphemeralPorts ephemeral() {
    return ephemeral;
  }

  /** Adds an endpoint's binding, or replaces the one it had. */
  void publish(int port, UdpBinding b) {
    bindings.merge(
        port,
        new UdpBinding[] {b},
        (old, one) -> {
          for (int i = 0; i < old.length; i++) {
            if (old[i].endpoint() == b.endpoint()) {
              UdpBinding[] same = old.clone();
              same[i] = b;
              return same;
            }
          }
          UdpBinding[] more = Arrays.copyOf(old, old.length + 1);
          more[old.length] = b;
          return more;
        });
  }

  void withdraw(int port, UdpEndpoint e) {
    bindings.computeIfPresent(
        port,
        (k, old) -> {
          UdpBinding[] rest =
              Arrays.stream(old).filter(b -> b.endpoint() != e).toArray(UdpBinding[]::new);
          return rest.length == 0 ? null : rest;
        });
  }

  @Override
  public void receive(PacketBuffer p) {
    if (!check(p)) {
      p.release();
      return;
    }
    deliver(p);
  }

  private boolean check(PacketBuffer p) {
    byte[] a = p.array();
    int at = p.start();
    FlowKey f = p.flow;
    if (!Udp.check(a, at, p.length())) {
      ip.mib().count(Counter.Udp_InErrors);
      return false;
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
      return false;
    }
    f.localPort = Udp.destinationPort(a, at);
    f.remotePort = Udp.sourcePort(a, at);
    return true;
  }

  /** A checked datagram, from the network or looped back. */
  void deliver(PacketBuffer p) {
    UdpBinding[] all = bindings.get(p.flow.localPort);
    IpAddress to = p.flow.local();
    boolean multicast = to.isMulticast();
    if (multicast || !ip.isLocal(to)) {
      deliverToGroup(all, p, multicast);
      return;
    }
    UdpEndpoint e = all == null ? null : best(all, p);
    if (e == null) {
      ip.mib().count(Counter.Udp_NoPorts);
      ip.portUnreachable(p);
      p.release();
      return;
    }
    e.arrive(p);
  }

  private static UdpEndpoint best(UdpBinding[] all, PacketBuffer p) {
    int best = 0;
    int equals = 0;
    UdpBinding chosen = null;
    for (UdpBinding b : all) {
      int s = b.score(p.flow, p.nicId);
      if (s > best || s == best && s > 0 && !b.reusePort()) {
        // Without SO_REUSEPORT the latest takes it all, as in Linux.
        best = s;
        equals = 1;
        chosen = b;
      } else if (s == best && s > 0) {
        equals++;
      }
    }
    if (equals < 2) {
      return chosen == null ? null : chosen.endpoint();
    }
    int pick = Integer.remainderUnsigned(p.flow.hashCode(), equals);
    for (UdpBinding b : all) {
      if (b.reusePort() && b.score(p.flow, p.nicId) == best && pick-- == 0) {
        return b.endpoint();
      }
    }
    return chosen.endpoint();
  }

  /** RFC 1122 section 4.1.3.3: nothing is reported for what was not sent to this host alone. */
  private void deliverToGroup(UdpBinding[] all, PacketBuffer p, boolean multicast) {
    if (all != null) {
      for (UdpBinding b : all) {
        if (b.takesGroup(p.flow, p.nicId, multicast)) {
          b.endpoint().arrive(p.copy());
        }
      }
    }
    p.release();
  }

  /** True if anyone here would take a datagram to a group. */
  boolean isWanted(FlowKey f, int nic) {
    UdpBinding[] all = bindings.get(f.localPort);
    if (all != null) {
      for (UdpBinding b : all) {
        if (b.takesGroup(f, nic, f.local().isMulticast())) {
          return true;
        }
      }
    }
    return false;
  }

  static long pseudo(FlowKey f, int n) {
    return Checksum.pseudo(f.v6, f.localHi, f.localLo, f.remoteHi, f.remoteLo, IpProtocol.UDP, n);
  }

  @Override
  public void error(FlowKey flow, int sequence, IcmpError error) {
    if (error.kind() == IcmpError.Kind.TOO_BIG) {
      ip.learnMtu(flow.remote(), error.mtu());
    }
    UdpBinding[] all = bindings.get(flow.localPort);
    if (all != null) {
      for (UdpBinding b : all) {
        if (b.score(flow, b.nicId()) > 0) {
          b.endpoint().fail(flow.remote(), flow.remotePort, error);
        }
      }
    }
  }
}
