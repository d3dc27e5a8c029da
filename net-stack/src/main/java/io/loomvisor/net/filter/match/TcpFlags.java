package io.loomvisor.net.filter.match;

import io.loomvisor.net.filter.Subject;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Tcp;

/**
 * Of the flags in {@code mask}, exactly {@code set} are set: {@code --tcp-flags}, {@code --syn}.
 */
public record TcpFlags(int mask, int set, boolean negated) implements Match {
  /** FIN, SYN, RST and ACK looked at, SYN alone set. */
  public static final TcpFlags SYN_ALONE =
      new TcpFlags(Tcp.FIN | Tcp.SYN | Tcp.RST | Tcp.ACK, Tcp.SYN, false);

  @Override
  public Test install(Clock clock) {
    return this::matches;
  }

  private boolean matches(Subject s) {
    if (s.view().protocol() != IpProtocol.TCP || !s.view().has(Tcp.MIN_HEADER)) {
      return false;
    }
    return ((Tcp.flags(s.array(), s.view().transport()) & mask) == set) != negated;
  }
}
