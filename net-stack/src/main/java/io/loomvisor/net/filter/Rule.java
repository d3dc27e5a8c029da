package io.loomvisor.net.filter;

import io.loomvisor.net.filter.action.Target;
import io.loomvisor.net.filter.match.Match;
import java.util.List;

/**
 * One rule: if every match says so, the target acts.
 *
 * @param target null: only counts
 * @param packets with {@code bytes}, what its counters begin with
 */
public record Rule(List<Match> matches, Target target, long packets, long bytes) {
  public Rule {
    matches = List.copyOf(matches);
  }
}
