package io.loomvisor.net.filter.match;

import io.loomvisor.net.filter.Subject;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.IpAddress;
import java.util.Set;

/** What an address is to this host: {@code -m addrtype --src-type}, {@code --dst-type}. */
public record AddressType(boolean source, Set<Type> types, boolean onlyOfInterface, boolean negated)
    implements Match {
  public enum Type {
    UNSPEC,
    UNICAST,
    LOCAL,
    BROADCAST,
    MULTICAST
  }

  public AddressType {
    types = Set.copyOf(types);
    if (types.isEmpty()) {
      throw new IllegalArgumentException("no type of address");
    }
  }

  @Override
  public Test install(Clock clock) {
    return s -> types.contains(typeOf(s, source ? s.source() : s.destination())) != negated;
  }

  private Type typeOf(Subject s, IpAddress a) {
    if (a.isUnspecified()) {
      return Type.UNSPEC;
    }
    if (a.isMulticast()) {
      return Type.MULTICAST;
    }
    if (onlyOfInterface ? s.isLocalToInterface(a) : s.isLocal(a)) {
      return Type.LOCAL;
    }
    return s.isBroadcast(a) ? Type.BROADCAST : Type.UNICAST;
  }
}
