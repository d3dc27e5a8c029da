package io.loomvisor.net.filter;

import io.loomvisor.net.filter.action.Target;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * All tables of one IP version; immutable. {@code chains} are by table and name, the built-in ones
 * first. Whatever could be constructed can be applied: chains that rules jump to exist and do not
 * jump in circles, and targets stand where they may.
 */
public record RuleSet(boolean v6, Map<TableName, Map<String, Chain>> chains) {
  public RuleSet {
    Map<TableName, Map<String, Chain>> copy = new EnumMap<>(TableName.class);
    for (Map.Entry<TableName, Map<String, Chain>> t : chains.entrySet()) {
      Map<String, Chain> all = new LinkedHashMap<>();
      for (Hook h : t.getKey().hooks()) {
        Chain given = t.getValue().get(h.name());
        all.put(h.name(), given != null ? given : empty(h));
      }
      t.getValue().forEach(all::putIfAbsent);
      check(t.getKey(), all, v6);
      copy.put(t.getKey(), Collections.unmodifiableMap(all));
    }
    chains = Collections.unmodifiableMap(copy);
  }

  private static Chain empty(Hook h) {
    return new Chain(h.name(), Target.ACCEPT, java.util.List.of(), 0, 0);
  }

  /** Nothing is asked of any packet. */
  public static RuleSet none(boolean v6) {
    return new RuleSet(v6, Map.of());
  }

  public static RuleSetBuilder ipv4() {
    return new RuleSetBuilder(false);
  }

  public static RuleSetBuilder ipv6() {
    return new RuleSetBuilder(true);
  }

  /** This set with {@code other}'s table of that name in place of its own. */
  public RuleSet with(TableName table, RuleSet other) {
    Map<TableName, Map<String, Chain>> m = new EnumMap<>(TableName.class);
    m.putAll(chains);
    if (other.chains.containsKey(table)) {
      m.put(table, other.chains.get(table));
    } else {
      m.remove(table);
    }
    return new RuleSet(v6, m);
  }

  /** True if it lets every packet pass as it is. */
  public boolean isEmpty() {
    for (Map<String, Chain> table : chains.values()) {
      for (Chain c : table.values()) {
        boolean drops = c.policy() != null && c.policy() != Target.ACCEPT;
        if (drops || !c.rules().isEmpty()) {
          return false;
        }
      }
    }
    return true;
  }

  private static void check(TableName table, Map<String, Chain> chains, boolean v6) {
    for (Chain c : chains.values()) {
      if (c.name().isEmpty() || c.name().length() > Chain.MAX_NAME) {
        throw new IllegalArgumentException("name of a chain: '" + c.name() + "'");
      }
      for (Rule r : c.rules()) {
        if (r.target() != null) {
          r.target().check(table, v6);
        }
        String to = destination(r);
        if (to != null && (!chains.containsKey(to) || isBuiltIn(to))) {
          throw new IllegalArgumentException("no chain '" + to + "' to jump to in " + table.text());
        }
      }
    }
    Set<String> done = new HashSet<>();
    for (Chain c : chains.values()) {
      checkCircles(chains, c, new HashSet<>(), done);
    }
    for (Hook h : table.hooks()) {
      // As iptables: elsewhere such a question is only never answered with yes.
      chains.get(h.name()).rules().forEach(r -> r.matches().forEach(m -> m.check(h)));
      reach(chains, chains.get(h.name()), h, new HashSet<>());
    }
  }

  static boolean isBuiltIn(String name) {
    for (Hook h : Hook.values()) {
      if (h.name().equals(name)) {
        return true;
      }
    }
    return false;
  }

  private static String destination(Rule r) {
    return switch (r.target()) {
      case Target.Jump j -> j.chain();
      case Target.Goto g -> g.chain();
      case null, default -> null;
    };
  }

  private static void checkCircles(
      Map<String, Chain> chains, Chain c, Set<String> above, Set<String> done) {
    if (done.contains(c.name())) {
      return;
    }
    if (!above.add(c.name())) {
      throw new IllegalArgumentException("chain '" + c.name() + "' jumps to itself");
    }
    if (above.size() > MAX_DEPTH) {
      throw new IllegalArgumentException("jumps deeper than " + MAX_DEPTH);
    }
    for (Rule r : c.rules()) {
      String to = destination(r);
      if (to != null) {
        checkCircles(chains, chains.get(to), above, done);
      }
    }
    above.remove(c.name());
    done.add(c.name());
  }

  /** Of chains that jump to one another. */
  static final int MAX_DEPTH = 512;

  private static void reach(Map<String, Chain> chains, Chain c, Hook hook, Set<String> seen) {
    if (!seen.add(c.name())) {
      return;
    }
    for (Rule r : c.rules()) {
      if (r.target() != null && !r.target().hooks().contains(hook)) {
        throw new IllegalArgumentException(
            r.target() + " cannot be reached from " + hook + ", by way of '" + c.name() + "'");
      }
      String to = destination(r);
      if (to != null) {
        reach(chains, chains.get(to), hook, seen);
      }
    }
  }
}
