package io.loomvisor.net.filter;

import java.util.List;
import java.util.Map;

/** Packets and bytes of every chain's policy and rules, in the order of the rule set. */
public record Counters(Map<TableName, Map<String, OfChain>> chains) {
  public record Count(long packets, long bytes) {}

  /** {@code policy} of a chain of one's own: zero. */
  public record OfChain(Count policy, List<Count> rules) {}

  /** Of one rule, counted from 0. */
  public Count rule(TableName table, String chain, int index) {
    return chains.get(table).get(chain).rules().get(index);
  }

  public Count policy(TableName table, String chain) {
    return chains.get(table).get(chain).policy();
  }
}
