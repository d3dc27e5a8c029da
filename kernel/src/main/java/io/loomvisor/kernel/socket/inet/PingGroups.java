package io.loomvisor.kernel.socket.inet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.proc.Sysctl;

/**
 * net.ipv4.ping_group_range: whose tasks may open ICMP echo sockets (icmp(7)). Linux's default is
 * nobody's; Docker and others open it. Any thread.
 */
public final class PingGroups implements Sysctl {
  /** The one above is no group. */
  private static final long MAX_GID = 0xffff_fffeL;

  private record Range(long low, long high) {
    boolean contains(int gid) {
      long g = Integer.toUnsignedLong(gid);
      return g >= low && g <= high;
    }
  }

  private static final Range NOBODY = new Range(1, 0);

  private volatile Range range = NOBODY;

  /** EACCES if none of its groups is in the range (ping_init_sock). */
  void require(Credentials who) {
    Range r = range;
    boolean allowed = r.contains(who.egid());
    for (int g : who.groups()) {
      allowed |= r.contains(g);
    }
    if (!allowed) {
      throw Errno.EACCES.exception();
    }
  }

  @Override
  public String get() {
    Range r = range;
    return r.low + "\t" + r.high;
  }

  /** One number sets the lower end only; a range that is upside down is nobody's. */
  @Override
  public void set(Credentials writer, String text) {
    String[] parts = text.strip().split("\\s+");
    Range now = range;
    if (parts.length > 2) {
      throw Errno.EINVAL.exception();
    }
    long low = parse(parts[0]);
    long high = parts.length > 1 ? parse(parts[1]) : now.high;
    range = high < low ? NOBODY : new Range(low, high);
  }

  private static long parse(String text) {
    try {
      long v = Long.decode(text);
      if (v >= 0 && v <= MAX_GID) {
        return v;
      }
    } catch (NumberFormatException e) {
      // As any other text that is no group.
    }
    throw Errno.EINVAL.exception();
  }

  @Override
  public int permissions() {
    return 0644;
  }
}
