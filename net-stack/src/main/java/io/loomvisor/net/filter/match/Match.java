package io.loomvisor.net.filter.match;

import io.loomvisor.net.filter.Hook;
import io.loomvisor.net.time.Clock;

/** One question of a rule. */
public sealed interface Match
    permits AddressType,
        Comment,
        ConntrackState,
        Icmp,
        Interface,
        Limit,
        MarkIs,
        OwnTest,
        Ports,
        Prefix,
        Protocol,
        Statistic,
        TcpFlags {

  /** For one installation of the rule. */
  Test install(Clock clock);

  /** Throws IllegalArgumentException if it makes no sense at this hook. */
  default void check(Hook hook) {}

  /** True if it needs to know connections. */
  default boolean tracks() {
    return false;
  }
}
