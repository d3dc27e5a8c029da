package io.loomvisor.net.ip;

import io.loomvisor.net.wire.IpAddress;
import java.util.List;

/**
 * Chooses a source address for IPv6 (RFC 6724 section 5). Rule 1 is the caller's (a destination of
 * this host is its own source); rules 4 and 7 are about mobile and temporary addresses, which this
 * stack has not.
 */
final class SourceSelection {
  /** RFC 4291 section 2.7 and RFC 6724 section 3.1. */
  private static final int LINK_LOCAL = 2;

  private static final int SITE_LOCAL = 5;
  private static final int GLOBAL = 14;

  private SourceSelection() {}

  /** The best source on {@code out} or, unless the destination stays on the link, elsewhere. */
  static IpAddress select(Nic out, List<Nic> all, IpAddress destination) {
    InterfaceAddress best = best(null, null, out, out, destination);
    Nic from = best == null ? null : out;
    if (scope(destination) > LINK_LOCAL && !destination.isMulticast()) {
      for (Nic nic : all) {
        InterfaceAddress better = nic == out ? best : best(best, from, nic, out, destination);
        if (better != best) {
          best = better;
          from = nic;
        }
      }
    }
    return best == null ? null : best.address();
  }

  private static InterfaceAddress best(
      InterfaceAddress than, Nic of, Nic nic, Nic out, IpAddress destination) {
    InterfaceAddress best = than;
    boolean bestOut = of == out;
    for (InterfaceAddress a : nic.addresses()) {
      if (!a.address().v6() || a.state() == InterfaceAddress.State.TENTATIVE) {
        continue;
      }
      if (best == null || compare(a, nic == out, best, bestOut, destination) > 0) {
        best = a;
        bestOut = nic == out;
      }
    }
    return best;
  }

  /** Positive if {@code a} is better than {@code b}; 0 leaves what was there first. */
  private static int compare(
      InterfaceAddress a, boolean aOut, InterfaceAddress b, boolean bOut, IpAddress d) {
    int scopeA = scope(a.address());
    int scopeB = scope(b.address());
    if (scopeA != scopeB) {
      // Rule 2: the smallest scope that reaches the destination.
      boolean smaller = scopeA < scopeB;
      return smaller == Math.min(scopeA, scopeB) >= scope(d) ? 1 : -1;
    }
    boolean aDeprecated = a.state() == InterfaceAddress.State.DEPRECATED;
    boolean bDeprecated = b.state() == InterfaceAddress.State.DEPRECATED;
    if (aDeprecated != bDeprecated) {
      return bDeprecated ? 1 : -1;
    }
    if (aOut != bOut) {
      return aOut ? 1 : -1;
    }
    boolean aLabel = label(a.address()) == label(d);
    boolean bLabel = label(b.address()) == label(d);
    if (aLabel != bLabel) {
      return aLabel ? 1 : -1;
    }
    return Integer.compare(common(a, d), common(b, d));
  }

  /** Rule 8 compares no further than the prefix (RFC 6724 section 2.2). */
  private static int common(InterfaceAddress a, IpAddress d) {
    long hi = a.address().hi() ^ d.hi();
    long lo = a.address().lo() ^ d.lo();
    int bits = hi != 0 ? Long.numberOfLeadingZeros(hi) : 64 + Long.numberOfLeadingZeros(lo);
    return Math.min(bits, a.prefixLength());
  }

  static int scope(IpAddress a) {
    if (a.isMulticast()) {
      return (int) (a.hi() >>> 48) & 15;
    }
    if (a.isLinkLocal() || a.isLoopback()) {
      return LINK_LOCAL;
    }
    return a.hi() >>> 54 == 0x3fb ? SITE_LOCAL : GLOBAL;
  }

  /** The default policy table (RFC 6724 section 2.1), longest prefix first. */
  static int label(IpAddress a) {
    if (a.isLoopback()) {
      return 0;
    }
    if (a.isMapped()) {
      return 4;
    }
    if (a.hi() == 0 && a.lo() >>> 32 == 0) {
      return 3;
    }
    int first = (int) (a.hi() >>> 48);
    if (a.hi() >>> 32 == 0x2001_0000L) {
      return 5;
    }
    if (first == 0x2002) {
      return 2;
    }
    if (first == 0x3ffe) {
      return 12;
    }
    if (first >>> 6 == 0x3fb) {
      return 11;
    }
    return first >>> 9 == 0x7e ? 13 : 1;
  }
}
