package io.loomvisor.net.filter;

import io.loomvisor.net.filter.action.Target;
import io.loomvisor.net.filter.match.Match;
import io.loomvisor.net.filter.match.Test;
import io.loomvisor.net.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A rule set as it is installed in one stack: with counters and with what matches remember. Any
 * thread may run packets through it.
 */
final class Program {
  private final RuleSet rules;
  private final Map<TableName, Map<String, Compiled>> chains = new EnumMap<>(TableName.class);

  /** By table and hook; null where nothing can happen. */
  private final Compiled[][] entries =
      new Compiled[TableName.values().length][Hook.values().length];

  private final boolean tracks;
  private final boolean translates;

  Program(RuleSet rules, Clock clock) {
    this.rules = rules;
    boolean asksConnections = false;
    boolean hasNat = false;
    for (Map.Entry<TableName, Map<String, Chain>> table : rules.chains().entrySet()) {
      Map<String, Compiled> all = new LinkedHashMap<>();
      table.getValue().values().forEach(c -> all.put(c.name(), new Compiled(c)));
      for (Compiled c : all.values()) {
        c.link(all, clock);
        hasNat |= table.getKey() == TableName.NAT && c.rules.length > 0;
        for (Rule r : c.chain.rules()) {
          asksConnections |= r.matches().stream().anyMatch(Match::tracks);
        }
      }
      chains.put(table.getKey(), all);
      // A table with rules somewhere counts everywhere, as Linux does.
      boolean idle = table.getValue().values().stream().allMatch(Program::isIdle);
      for (Hook h : table.getKey().hooks()) {
        entries[table.getKey().ordinal()][h.ordinal()] = idle ? null : all.get(h.name());
      }
    }
    translates = hasNat;
    tracks = asksConnections || hasNat;
  }

  private static boolean isIdle(Chain c) {
    return c.rules().isEmpty() && (c.policy() == null || c.policy() == Target.ACCEPT);
  }

  RuleSet rules() {
    return rules;
  }

  /** True if connections must be known. */
  boolean tracks() {
    return tracks;
  }

  /** True if there are rules about address translation. */
  boolean translates() {
    return translates;
  }

  /**
   * What {@code table} says about a packet: a target that ends the way through a table. Others
   * ({@code LOG}, {@code MARK}, {@code CT}) are {@code act}'s.
   */
  Target decide(TableName table, Subject s, Actions act) {
    Compiled chain = entries[table.ordinal()][s.hook().ordinal()];
    if (chain == null) {
      return Target.ACCEPT;
    }
    Compiled base = chain;
    Frame above = null;
    int i = 0;
    for (; ; ) {
      if (i == chain.rules.length) {
        if (above == null) {
          base.count(s);
          return base.chain.policy();
        }
        chain = above.chain;
        i = above.next;
        above = above.above;
        continue;
      }
      CompiledRule r = chain.rules[i++];
      if (!r.matches(s)) {
        continue;
      }
      switch (r.target) {
        case null -> {}
        case Target.Jump j -> {
          above = new Frame(chain, i, above);
          chain = r.to;
          i = 0;
        }
        case Target.Goto g -> {
          chain = r.to;
          i = 0;
        }
        case Target.Return x -> i = chain.rules.length;
        case Target.Log l -> act.log(s, l);
        case Target.Mark m -> s.packet().mark = s.packet().mark & ~m.mask() ^ m.value();
        case Target.NoTrack n -> act.notrack(s);
        case Target t -> {
          return t;
        }
      }
    }
  }

  /** What targets do that do not decide. */
  interface Actions {
    void log(Subject s, Target.Log l);

    void notrack(Subject s);
  }

  private record Frame(Compiled chain, int next, Frame above) {}

  private static final class Compiled {
    final Chain chain;
    final AtomicLong packets;
    final AtomicLong bytes;
    CompiledRule[] rules;

    Compiled(Chain chain) {
      this.chain = chain;
      packets = new AtomicLong(chain.packets());
      bytes = new AtomicLong(chain.bytes());
    }

    void link(Map<String, Compiled> all, Clock clock) {
      rules = new CompiledRule[chain.rules().size()];
      for (int i = 0; i < rules.length; i++) {
        rules[i] = new CompiledRule(chain.rules().get(i), all, clock);
      }
    }

    void count(Subject s) {
      packets.incrementAndGet();
      bytes.addAndGet(s.length());
    }
  }

  private static final class CompiledRule {
    final Test[] tests;
    final Target target;

    /** Where a jump leads; null for other targets. */
    final Compiled to;

    final AtomicLong packets;
    final AtomicLong bytes;

    CompiledRule(Rule r, Map<String, Compiled> all, Clock clock) {
      tests = r.matches().stream().map(m -> m.install(clock)).toArray(Test[]::new);
      target = r.target();
      to =
          switch (target) {
            case Target.Jump j -> all.get(j.chain());
            case Target.Goto g -> all.get(g.chain());
            case null, default -> null;
          };
      packets = new AtomicLong(r.packets());
      bytes = new AtomicLong(r.bytes());
    }

    boolean matches(Subject s) {
      for (Test t : tests) {
        if (!t.matches(s)) {
          return false;
        }
      }
      packets.incrementAndGet();
      bytes.addAndGet(s.length());
      return true;
    }
  }

  Counters counters() {
    Map<TableName, Map<String, Counters.OfChain>> out = new EnumMap<>(TableName.class);
    chains.forEach(
        (table, all) -> {
          Map<String, Counters.OfChain> m = new HashMap<>();
          for (Compiled c : all.values()) {
            List<Counters.Count> counts = new ArrayList<>(c.rules.length);
            for (CompiledRule r : c.rules) {
              counts.add(new Counters.Count(r.packets.get(), r.bytes.get()));
            }
            Counters.Count policy = new Counters.Count(c.packets.get(), c.bytes.get());
            m.put(c.chain.name(), new Counters.OfChain(policy, counts));
          }
          out.put(table, m);
        });
    return new Counters(out);
  }
}
