package io.loomvisor.net.raw;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.ip.IcmpError;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.RawTap;
import io.loomvisor.net.ip.Transport;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds the raw endpoints that a packet is for, and the one whose echo was answered. Any thread.
 */
public final class RawLayer implements RawTap {
  private static final int IDENTIFIERS = 65_536;

  private final IpLayer ip;

  /** By protocol, and 256 more for IPv6; few are ever there. */
  private final ConcurrentHashMap<Integer, CopyOnWriteArrayList<RawEndpoint>> raw =
      new ConcurrentHashMap<>();

  /** By identifier, and 65536 more for IPv6; those that share one, the newest first. */
  private final ConcurrentHashMap<Integer, List<RawEndpoint>> echoes = new ConcurrentHashMap<>();

  public RawLayer(IpLayer ip) {
    this.ip = ip;
    ip.register(IpProtocol.ICMP, new Echoes(false));
    ip.register(IpProtocol.ICMPV6, new Echoes(true));
    ip.tap(this);
  }

  /** SOCK_RAW with a protocol from 1 to 255. */
  public RawEndpoint open(boolean v6, int protocol) {
    RawEndpoint e = new RawEndpoint(ip, this, v6, protocol, false);
    raw.computeIfAbsent(key(v6, protocol), k -> new CopyOnWriteArrayList<>()).add(e);
    return e;
  }

  /** SOCK_DGRAM with IPPROTO_ICMP or IPPROTO_ICMPV6. */
  public RawEndpoint openEcho(boolean v6) {
    int protocol = v6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP;
    return new RawEndpoint(ip, this, v6, protocol, true);
  }

  void closed(RawEndpoint e, boolean v6, int protocol) {
    CopyOnWriteArrayList<RawEndpoint> list = raw.get(key(v6, protocol));
    if (list != null) {
      list.remove(e);
    }
  }

  /**
   * Takes an echo identifier, any if it is 0, or -EADDRINUSE: it may be shared by those that all
   * have SO_REUSEADDR, which is the default (ping_get_port).
   */
  int take(RawEndpoint e, boolean v6, int wanted) {
    int base = v6 ? IDENTIFIERS : 0;
    if (wanted != 0) {
      return taken(e, base + wanted, true) ? wanted : -Errno.EADDRINUSE;
    }
    int start = ThreadLocalRandom.current().nextInt(IDENTIFIERS);
    for (int i = 0; i < IDENTIFIERS; i++) {
      int id = start + i & 0xffff;
      if (id != 0 && taken(e, base + id, false)) {
        return id;
      }
    }
    return -Errno.EADDRINUSE;
  }

  private boolean taken(RawEndpoint e, int key, boolean mayShare) {
    List<RawEndpoint> after =
        echoes.compute(
            key,
            (k, old) -> {
              if (old == null) {
                return List.of(e);
              }
              if (!mayShare || !e.shares() || !old.stream().allMatch(RawEndpoint::shares)) {
                return old;
              }
              List<RawEndpoint> more = new ArrayList<>(old);
              more.addFirst(e);
              return List.copyOf(more);
            });
    return after.contains(e);
  }

  void give(RawEndpoint e, boolean v6, int id) {
    echoes.computeIfPresent(
        (v6 ? IDENTIFIERS : 0) + id,
        (k, old) -> {
          List<RawEndpoint> rest = old.stream().filter(x -> x != e).toList();
          return rest.isEmpty() ? null : rest;
        });
  }

  private List<RawEndpoint> echoes(int key) {
    return echoes.getOrDefault(key, List.of());
  }

  private static int key(boolean v6, int protocol) {
    return v6 ? 256 + protocol : protocol;
  }

  @Override
  public boolean delivered(PacketBuffer p, int protocol) {
    CopyOnWriteArrayList<RawEndpoint> list = raw.get(key(p.flow.v6, protocol));
    boolean taken = false;
    if (list != null) {
      for (RawEndpoint e : list) {
        taken |= e.offer(p);
      }
    }
    return taken;
  }

  @Override
  public void failed(FlowKey flow, int protocol, IcmpError error) {
    CopyOnWriteArrayList<RawEndpoint> list = raw.get(key(flow.v6, protocol));
    if (list != null) {
      IpAddress own = flow.local();
      IpAddress remote = flow.remote();
      for (RawEndpoint e : list) {
        if (e.concerns(own, remote)) {
          e.fail(remote, error);
        }
      }
    }
  }

  /** Answers and errors of one IP version, for echo endpoints. */
  private final class Echoes implements Transport {
    private final int base;

    Echoes(boolean v6) {
      base = v6 ? IDENTIFIERS : 0;
    }

    /** An echo reply, checked. */
    @Override
    public void receive(PacketBuffer p) {
      for (RawEndpoint e : echoes(base + Bytes.u16(p.array(), p.start() + 4))) {
        if (e.offer(p)) {
          break;
        }
      }
      p.release();
    }

    @Override
    public void error(FlowKey flow, int sequence, IcmpError error) {
      for (RawEndpoint e : echoes(base + (sequence >>> 16))) {
        e.fail(flow.remote(), error);
      }
    }
  }
}
