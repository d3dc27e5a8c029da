package io.loomvisor.net.filter;

import io.loomvisor.net.filter.action.Target;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts a {@link RuleSet} together.
 *
 * <pre>{@code
 * RuleSet rules = RuleSet.ipv4()
 *     .table(TableName.NAT)
 *     .chain("WEB")
 *     .rule("PREROUTING").destination("192.0.2.1").tcp().port(80).jump("WEB")
 *     .rule("WEB").dnat("10.0.0.2", 8080)
 *     .rule("POSTROUTING").source("10.0.0.0/24").not().out("eth1").masquerade()
 *     .table(TableName.FILTER)
 *     .policy("FORWARD", Target.DROP)
 *     .rule("FORWARD").state(State.ESTABLISHED, State.RELATED).accept()
 *     .build();
 * }</pre>
 */
public final class RuleSetBuilder {
  private final boolean v6;
  private final Map<TableName, Map<String, ChainInWork>> tables = new EnumMap<>(TableName.class);
  private Map<String, ChainInWork> table;
  private TableName tableName;

  private static final class ChainInWork {
    Target policy;
    long packets;
    long bytes;
    final List<Rule> rules = new ArrayList<>();
  }

  RuleSetBuilder(boolean v6) {
    this.v6 = v6;
  }

  public boolean isV6() {
    return v6;
  }

  /** What follows is about this table. */
  public RuleSetBuilder table(TableName name) {
    tableName = name;
    table = tables.computeIfAbsent(name, n -> new LinkedHashMap<>());
    for (Hook h : name.hooks()) {
      table.computeIfAbsent(h.name(), n -> new ChainInWork()).policy = Target.ACCEPT;
    }
    return this;
  }

  public TableName tableName() {
    return tableName;
  }

  /** A chain of one's own, if it does not exist yet. */
  public RuleSetBuilder chain(String name) {
    inTable().computeIfAbsent(name, n -> new ChainInWork());
    return this;
  }

  public boolean hasChain(String name) {
    return inTable().containsKey(name);
  }

  /** What a built-in chain does with packets that no rule decides on. */
  public RuleSetBuilder policy(String chain, Target policy) {
    ChainInWork c = existing(chain);
    if (c.policy == null) {
      throw new IllegalArgumentException("'" + chain + "' is not built in");
    }
    if (policy != Target.ACCEPT && (policy != Target.DROP || tableName == TableName.NAT)) {
      throw new IllegalArgumentException("policy " + policy + " in " + tableName.text());
    }
    c.policy = policy;
    return this;
  }

  /** What a chain's counters begin with. */
  public RuleSetBuilder counters(String chain, long packets, long bytes) {
    ChainInWork c = existing(chain);
    c.packets = packets;
    c.bytes = bytes;
    return this;
  }

  /** A rule at the end of {@code chain}; ends with what it does. */
  public RuleBuilder rule(String chain) {
    existing(chain);
    return new RuleBuilder(this, chain, v6);
  }

  public RuleSetBuilder add(String chain, Rule rule) {
    existing(chain).rules.add(rule);
    return this;
  }

  public RuleSetBuilder insert(String chain, int at, Rule rule) {
    List<Rule> rules = existing(chain).rules;
    if (at < 0 || at > rules.size()) {
      throw new IllegalArgumentException("no place " + (at + 1) + " in '" + chain + "'");
    }
    rules.add(at, rule);
    return this;
  }

  private Map<String, ChainInWork> inTable() {
    if (table == null) {
      throw new IllegalStateException("no table was named");
    }
    return table;
  }

  private ChainInWork existing(String chain) {
    ChainInWork c = inTable().get(chain);
    if (c == null) {
      throw new IllegalArgumentException("no chain '" + chain + "' in " + tableName.text());
    }
    return c;
  }

  public RuleSet build() {
    Map<TableName, Map<String, Chain>> out = new EnumMap<>(TableName.class);
    tables.forEach(
        (name, chains) -> {
          Map<String, Chain> m = new LinkedHashMap<>();
          chains.forEach((n, c) -> m.put(n, new Chain(n, c.policy, c.rules, c.packets, c.bytes)));
          out.put(name, m);
        });
    return new RuleSet(v6, out);
  }
}
