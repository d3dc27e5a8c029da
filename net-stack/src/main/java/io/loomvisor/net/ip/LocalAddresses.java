package io.loomvisor.net.ip;

import io.loomvisor.net.wire.IpAddress;
import java.util.Map;

/**
 * The addresses of this host, immutable, and looked up by their bits: a packet that arrives makes
 * no object for that.
 */
final class LocalAddresses {
  static final LocalAddresses NONE = new LocalAddresses(Map.of());

  private final Map<IpAddress, Nic> owners;

  /** Open addressing, at most half full. */
  private final IpAddress[] table;

  /** All of 127/8 counts while there is a loopback. */
  private final boolean loopback;

  LocalAddresses(Map<IpAddress, Nic> owners) {
    this.owners = Map.copyOf(owners);
    table = new IpAddress[Math.max(8, Integer.highestOneBit(owners.size()) * 4)];
    for (IpAddress a : owners.keySet()) {
      int i = slot(a.hi(), a.lo());
      while (table[i] != null) {
        i = i + 1 & table.length - 1;
      }
      table[i] = a;
    }
    loopback = owners.containsKey(IpAddress.LOOPBACK4);
  }

  private int slot(long hi, long lo) {
    long h = (hi * 31 + lo) * 0x9e37_79b9_7f4a_7c15L;
    return (int) (h >>> 40) & table.length - 1;
  }

  boolean contains(boolean v6, long hi, long lo) {
    for (int i = slot(hi, lo); table[i] != null; i = i + 1 & table.length - 1) {
      IpAddress a = table[i];
      if (a.lo() == lo && a.hi() == hi && a.v6() == v6) {
        return true;
      }
    }
    return loopback && !v6 && lo >>> 24 == 127;
  }

  /** The interface that has this address, or null. */
  Nic owner(IpAddress a) {
    return owners.get(a);
  }
}
