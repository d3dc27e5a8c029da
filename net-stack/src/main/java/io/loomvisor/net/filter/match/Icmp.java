package io.loomvisor.net.filter.match;

import io.loomvisor.net.filter.Subject;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.Bytes;

/**
 * Type and code of an ICMP or ICMPv6 message.
 *
 * @param type -1: any
 * @param code -1: any
 */
public record Icmp(int type, int code, boolean negated) implements Match {
  public Icmp {
    if (type < -1 || type > 255 || code < -1 || code > 255 || type < 0 && code >= 0) {
      throw new IllegalArgumentException("ICMP type " + type + ", code " + code);
    }
  }

  @Override
  public Test install(Clock clock) {
    return this::matches;
  }

  private boolean matches(Subject s) {
    if (!s.view().isIcmp() || !s.view().has(2)) {
      return false;
    }
    int at = s.view().transport();
    boolean is =
        (type < 0 || Bytes.u8(s.array(), at) == type)
            && (code < 0 || Bytes.u8(s.array(), at + 1) == code);
    return is != negated;
  }
}
