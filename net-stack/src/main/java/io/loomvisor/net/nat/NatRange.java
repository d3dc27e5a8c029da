package io.loomvisor.net.nat;

import io.loomvisor.net.wire.IpAddress;

/**
 * What addresses and ports a translation may choose from.
 *
 * @param first null: the address stays as it is
 * @param last inclusive
 * @param firstPort 0: any
 * @param lastPort inclusive
 * @param random do not try to keep the port
 * @param persistent choose the address by the source alone
 */
public record NatRange(
    IpAddress first,
    IpAddress last,
    int firstPort,
    int lastPort,
    boolean random,
    boolean persistent) {

  public static final NatRange UNCHANGED = new NatRange(null, null, 0, 0, false, false);

  public NatRange {
    if ((first == null) != (last == null)) {
      throw new IllegalArgumentException("half an address range");
    }
    if (first != null && (first.v6() != last.v6() || compare(first, last) > 0)) {
      throw new IllegalArgumentException("not a range: " + first + "-" + last);
    }
    if (first != null && first.hi() != last.hi()) {
      throw new IllegalArgumentException("a range of more than 64 bits: " + first + "-" + last);
    }
    if (firstPort < 0 || lastPort > 65_535 || firstPort > lastPort) {
      throw new IllegalArgumentException("not a range of ports: " + firstPort + "-" + lastPort);
    }
  }

  public static NatRange of(IpAddress a) {
    return new NatRange(a, a, 0, 0, false, false);
  }

  public static NatRange of(IpAddress a, int port) {
    return new NatRange(a, a, port, port, false, false);
  }

  public static NatRange ports(int first, int last) {
    return new NatRange(null, null, first, last, false, false);
  }

  /** With this address in place of what it has. */
  public NatRange at(IpAddress a) {
    return new NatRange(a, a, firstPort, lastPort, random, persistent);
  }

  boolean contains(IpAddress a) {
    return first == null || a.v6() == first.v6() && compare(first, a) <= 0 && compare(a, last) <= 0;
  }

  boolean hasPorts() {
    return firstPort != 0;
  }

  boolean containsPort(int port) {
    return !hasPorts() || port >= firstPort && port <= lastPort;
  }

  /** The address that {@code hash} falls on. */
  IpAddress pick(long hash) {
    if (first.equals(last)) {
      return first;
    }
    if (!first.v6()) {
      long n = last.lo() - first.lo() + 1;
      return IpAddress.v4((int) (first.lo() + Long.remainderUnsigned(hash, n)));
    }
    long n = last.lo() - first.lo() + 1;
    return IpAddress.v6(first.hi(), first.lo() + (n == 0 ? hash : Long.remainderUnsigned(hash, n)));
  }

  private static int compare(IpAddress a, IpAddress b) {
    int c = Long.compareUnsigned(a.hi(), b.hi());
    return c != 0 ? c : Long.compareUnsigned(a.lo(), b.lo());
  }
}
