package io.loomvisor.net.socket;

import io.loomvisor.net.wire.IpAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which ports of one protocol are in use by which kind of binding, and whether one more is
 * compatible (net/ipv4/inet_connection_sock.c inet_csk_bind_conflict). A port's entry is only
 * touched inside {@code compute}, so each operation on a port is atomic.
 */
public final class PortTable {
  private final ConcurrentHashMap<Integer, Map<Binding, Integer>> ports = new ConcurrentHashMap<>();

  /** How a port came to be used. */
  public enum Use {
    /** By bind(2), or a connection accepted on a bound port. */
    BOUND,
    /** By listen(2): SO_REUSEADDR does not let two of these share. */
    LISTENING,
    /** By connect(2) without bind(2): others of the kind may share it with another peer. */
    CONNECTED,
    /** By a datagram socket: SO_REUSEADDR lets any number share. */
    DATAGRAM
  }

  /**
   * What matters for conflicts.
   *
   * @param address IPv4, IPv6 or unspecified; never IPv4-mapped
   * @param v6Only of an unspecified IPv6 address: does not take IPv4
   * @param nicId the interface it is bound to; 0: any
   */
  public record Binding(
      IpAddress address,
      boolean v6Only,
      boolean reuseAddress,
      boolean reusePort,
      int nicId,
      Use use) {
    public Binding sharing(boolean address, boolean port) {
      return new Binding(this.address, v6Only, address, port, nicId, use);
    }

    public Binding as(Use other) {
      return new Binding(address, v6Only, reuseAddress, reusePort, nicId, other);
    }

    /** True if this, the newcomer, cannot be beside {@code o}. */
    boolean conflicts(Binding o) {
      if (!overlaps(o) || reusePort && o.reusePort) {
        return false;
      }
      if (use == Use.CONNECTED && o.use == Use.CONNECTED) {
        return false;
      }
      // A port picked by the stack never shares with one that was asked for.
      if (use == Use.CONNECTED) {
        return true;
      }
      return !(reuseAddress && o.reuseAddress && o.use != Use.LISTENING);
    }

    private boolean overlaps(Binding o) {
      if (nicId != 0 && o.nicId != 0 && nicId != o.nicId) {
        return false;
      }
      boolean any = address.isUnspecified();
      boolean otherAny = o.address.isUnspecified();
      if (address.v6() == o.address.v6()) {
        return any || otherAny || address.equals(o.address);
      }
      // One is IPv4, the other IPv6: they meet only if the IPv6 one is dual-stack.
      Binding six = address.v6() ? this : o;
      return six.address.isUnspecified() && !six.v6Only;
    }
  }

  /** Adds a binding; false if it conflicts with one that is there. */
  public boolean take(int port, Binding b) {
    boolean[] taken = {false};
    ports.compute(
        port,
        (n, old) -> {
          Map<Binding, Integer> uses = old == null ? new HashMap<>(4) : old;
          taken[0] = compatible(uses, b);
          if (taken[0]) {
            uses.merge(b, 1, Integer::sum);
          }
          return uses.isEmpty() ? null : uses;
        });
    return taken[0];
  }

  /** Adds a binding without asking: a connection made on its listener's port. */
  public void share(int port, Binding b) {
    ports.compute(
        port,
        (n, old) -> {
          Map<Binding, Integer> uses = old == null ? new HashMap<>(4) : old;
          uses.merge(b, 1, Integer::sum);
          return uses;
        });
  }

  /** Replaces a binding by another; false, and nothing is changed, if the new one conflicts. */
  public boolean change(int port, Binding from, Binding to) {
    boolean[] changed = {false};
    ports.compute(
        port,
        (n, old) -> {
          Map<Binding, Integer> uses = old == null ? new HashMap<>(4) : old;
          drop(uses, from);
          changed[0] = compatible(uses, to);
          uses.merge(changed[0] ? to : from, 1, Integer::sum);
          return uses;
        });
    return changed[0];
  }

  /** An option of a binding was set: it counts from now on, also against those already there. */
  public void amend(int port, Binding from, Binding to) {
    ports.computeIfPresent(
        port,
        (n, uses) -> {
          drop(uses, from);
          uses.merge(to, 1, Integer::sum);
          return uses;
        });
  }

  public void give(int port, Binding b) {
    ports.computeIfPresent(
        port,
        (n, uses) -> {
          drop(uses, b);
          return uses.isEmpty() ? null : uses;
        });
  }

  private static void drop(Map<Binding, Integer> uses, Binding b) {
    uses.computeIfPresent(b, (k, count) -> count > 1 ? count - 1 : null);
  }

  private static boolean compatible(Map<Binding, Integer> uses, Binding b) {
    for (Binding o : uses.keySet()) {
      if (b.conflicts(o)) {
        return false;
      }
    }
    return true;
  }

  /** Ports in use. */
  public int size() {
    return ports.size();
  }
}
