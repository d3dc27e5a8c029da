package io.loomvisor.net.filter;

import io.loomvisor.net.filter.action.Target;
import java.util.List;

/**
 * Rules under a name.
 *
 * @param policy what becomes of a packet that no rule decided on: {@link Target.Accept} or {@link
 *     Target.Drop} in a built-in chain; null in others, which return
 */
public record Chain(String name, Target policy, List<Rule> rules, long packets, long bytes) {
  /** XT_EXTENSION_MAXNAMELEN with its end. */
  public static final int MAX_NAME = 28;

  public Chain {
    rules = List.copyOf(rules);
  }
}
