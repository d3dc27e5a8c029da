package io.loomvisor.net.tcp;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.Ipv6;
import io.loomvisor.net.wire.Tcp;

/** The way to one peer, looked up again when routes, addresses or path MTUs have changed. */
final class SendPath {
  private final IpLayer ip;
  private final IpAddress local;
  private final IpAddress remote;
  private final int nicId;

  /** RFC 1191 section 6.3: after this time a wider path is tried. */
  private static final long MAX_AGE = 600 * Clock.SECOND;

  /** Less than the 30 seconds for which a neighbour counts as reachable. */
  private static final long CONFIRM_INTERVAL = 5 * Clock.SECOND;

  private Path path;
  private int generation;
  private long age;
  private long confirmedAt;

  SendPath(IpLayer ip, FlowKey flow, int nicId) {
    this.ip = ip;
    this.local = flow.local();
    this.remote = flow.remote();
    this.nicId = nicId;
    generation = ip.generation();
    path = ip.path(remote, local, nicId);
    age = ip.clock().nanoTime();
  }

  /** True if the way may be another than at the last call. */
  boolean refresh(long now) {
    if (ip.generation() == generation && path != null && now - age < MAX_AGE) {
      return false;
    }
    age = now;
    path = null;
    get();
    return true;
  }

  /** RFC 4861 section 7.3.1: the peer's acknowledgements show that the next hop forwards. */
  void confirm(long now) {
    if (path != null && now - confirmedAt >= CONFIRM_INTERVAL) {
      confirmedAt = now;
      ip.confirmNeighbor(path);
    }
  }

  /** Null while there is no way. */
  Path get() {
    int now = ip.generation();
    if (now != generation || path == null) {
      generation = now;
      path = ip.path(remote, local, nicId);
    }
    return path;
  }

  /** Bytes of TCP header options and payload that fit into one packet. */
  int room() {
    Path p = get();
    int mtu = p == null ? (remote.v6() ? Ipv6.MIN_MTU : 576) : p.mtu();
    return mtu - ipHeader() - Tcp.MIN_HEADER;
  }

  /** The MSS to announce: by the interface's MTU, not the path's (RFC 6691, RFC 1191 3.1). */
  int announcedMss() {
    Path p = get();
    int mtu = p == null ? 576 : p.nic().mtu();
    return Math.max(mtu - ipHeader() - Tcp.MIN_HEADER, 88);
  }

  /** Largest payload of several segments in one packet, or 0 if the link takes none. */
  int segmentationRoom() {
    Path p = get();
    int limit = p == null ? 0 : p.nic().link().segmentationLimit();
    return Math.max(0, limit - ipHeader() - Tcp.MAX_HEADER);
  }

  boolean isLoopback() {
    Path p = get();
    return p != null && p.nic().isLoopback();
  }

  int nicId() {
    Path p = get();
    return p == null ? 0 : p.nic().id();
  }

  private int ipHeader() {
    return remote.v6() ? Ipv6.HEADER : Ipv4.MIN_HEADER;
  }
}
