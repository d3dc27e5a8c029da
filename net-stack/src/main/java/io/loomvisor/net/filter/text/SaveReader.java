package io.loomvisor.net.filter.text;

import io.loomvisor.net.filter.Chain;
import io.loomvisor.net.filter.Hook;
import io.loomvisor.net.filter.Rule;
import io.loomvisor.net.filter.RuleSet;
import io.loomvisor.net.filter.RuleSetBuilder;
import io.loomvisor.net.filter.TableName;
import io.loomvisor.net.filter.action.Target;
import io.loomvisor.net.filter.match.Match;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Reads a whole text, line by line. */
final class SaveReader {
  private final RuleSetBuilder set;
  private final Set<TableName> seen = EnumSet.noneOf(TableName.class);
  private boolean inTable;
  private int line;

  SaveReader(boolean v6) {
    set = v6 ? RuleSet.ipv6() : RuleSet.ipv4();
  }

  RuleSet read(String text) {
    for (String l : text.split("\n", -1)) {
      line++;
      String s = l.strip();
      if (!s.isEmpty() && s.charAt(0) != '#') {
        line(s);
      }
    }
    if (inTable) {
      throw new RuleSyntaxException(line, "", "COMMIT is missing");
    }
    return set.build();
  }

  private void line(String s) {
    Words w = new Words(line, s);
    if (s.charAt(0) == '*') {
      table(w, s.substring(1));
      return;
    }
    if (!inTable) {
      throw w.wrong(w.next("a table"), "no table was named before");
    }
    if (s.equals("COMMIT")) {
      commit();
    } else if (s.charAt(0) == ':') {
      chain(w);
    } else {
      command(w);
    }
  }

  private void table(Words w, String name) {
    if (inTable) {
      throw w.wrong("*" + name, "COMMIT is missing before");
    }
    for (TableName t : TableName.values()) {
      if (t.text().equals(name)) {
        if (!seen.add(t)) {
          throw w.wrong(name, "a table for the second time");
        }
        set.table(t);
        inTable = true;
        return;
      }
    }
    throw w.wrong(name, "this table is not supported");
  }

  private void commit() {
    inTable = false;
    try {
      set.build();
    } catch (IllegalArgumentException e) {
      throw new RuleSyntaxException(line, "COMMIT", e.getMessage());
    }
  }

  /** {@code :NAME POLICY [packets:bytes]}. */
  private void chain(Words w) {
    String name = w.next("a chain").substring(1);
    checkName(w, name);
    String policy = w.next("a policy, or -");
    boolean builtIn = isBuiltIn(name);
    if (builtIn != !policy.equals("-")) {
      throw w.wrong(builtIn ? "a built-in chain needs a policy" : "only built-in chains have one");
    }
    if (builtIn) {
      policy(w, name, policy);
    } else {
      set.chain(name);
    }
    if (w.hasNext()) {
      long[] c = counters(w, w.next("counters"));
      set.counters(name, c[0], c[1]);
    }
    end(w);
  }

  private boolean isBuiltIn(String name) {
    return set.tableName().hooks().stream().anyMatch(h -> h.name().equals(name));
  }

  private void checkName(Words w, String name) {
    boolean good = !name.isEmpty() && name.length() <= Chain.MAX_NAME;
    if (!good || name.charAt(0) == '-' || name.charAt(0) == '!') {
      throw w.wrong("not a name for a chain");
    }
    for (Hook h : Hook.values()) {
      if (h.name().equals(name) && !isBuiltIn(name)) {
        throw w.wrong(name, "not a chain of table " + set.tableName().text());
      }
    }
  }

  private void policy(Words w, String chain, String policy) {
    Target t =
        switch (policy) {
          case "ACCEPT" -> Target.ACCEPT;
          case "DROP" -> Target.DROP;
          default -> throw w.wrong(policy, "neither ACCEPT nor DROP");
        };
    try {
      set.policy(chain, t);
    } catch (IllegalArgumentException e) {
      throw w.wrong(policy, e.getMessage());
    }
  }

  /** {@code [packets:bytes]}. */
  private static long[] counters(Words w, String text) {
    int colon = text.indexOf(':');
    try {
      if (text.startsWith("[") && text.endsWith("]") && colon > 0) {
        long packets = Long.parseUnsignedLong(text.substring(1, colon));
        long bytes = Long.parseUnsignedLong(text.substring(colon + 1, text.length() - 1));
        return new long[] {packets, bytes};
      }
    } catch (NumberFormatException e) {
      throw w.wrong(text, "not [packets:bytes]");
    }
    throw w.wrong(text, "not [packets:bytes]");
  }

  private void command(Words w) {
    String first = w.next("a command");
    long[] counts = {0, 0};
    if (first.startsWith("[")) {
      counts = counters(w, first);
      first = w.next("a command");
    }
    switch (first) {
      case "-A", "--append" -> rule(w, known(w), -1, counts);
      case "-I", "--insert" -> {
        String chain = known(w);
        String at = w.takeValue();
        int n = at == null ? 1 : new Values(w, set.isV6()).number(at, 1L, Integer.MAX_VALUE);
        rule(w, chain, n - 1, counts);
      }
      case "-N", "--new-chain" -> {
        String name = w.next("a chain");
        checkName(w, name);
        if (set.hasChain(name)) {
          throw w.wrong("exists already");
        }
        set.chain(name);
        end(w);
      }
      case "-P", "--policy" -> {
        String name = known(w);
        if (!isBuiltIn(name)) {
          throw w.wrong("only built-in chains have a policy");
        }
        policy(w, name, w.next("a policy"));
        end(w);
      }
      default -> throw w.wrong(first, "this command is not supported");
    }
  }

  private String known(Words w) {
    String name = w.next("a chain");
    if (!set.hasChain(name)) {
      throw w.wrong("no chain of this name");
    }
    return name;
  }

  private static void end(Words w) {
    if (w.hasNext()) {
      throw w.wrong(w.next(""), "nothing was expected here");
    }
  }

  private void rule(Words w, String chain, int at, long[] given) {
    MatchReader matches = new MatchReader(w, set.isV6());
    TargetReader target = new TargetReader(w, set);
    long[] counts = given;
    while (w.hasNext()) {
      boolean negated = w.take("!");
      String option = w.next("an option");
      if (option.equals("-c") || option.equals("--set-counters")) {
        Values v = new Values(w, set.isV6());
        counts = new long[] {v.number("packets", 0, Integer.MAX_VALUE), 0};
        counts[1] = v.number("bytes", 0, Integer.MAX_VALUE);
      } else if (!matches.read(option, negated) && !target.read(option, negated)) {
        throw w.wrong(option, "this option is not known");
      }
    }
    List<Match> asked = matches.finish();
    Target t = target.finish(matches.isTcp());
    check(w, chain, asked, t);
    Rule r = new Rule(asked, t, counts[0], counts[1]);
    try {
      if (at < 0) {
        set.add(chain, r);
      } else {
        set.insert(chain, at, r);
      }
    } catch (IllegalArgumentException e) {
      throw w.wrong(chain, e.getMessage());
    }
  }

  private void check(Words w, String chain, List<Match> asked, Target t) {
    try {
      if (t != null) {
        t.check(set.tableName(), set.isV6());
      }
      if (isBuiltIn(chain)) {
        Hook h = Hook.valueOf(chain);
        asked.forEach(m -> m.check(h));
        if (t != null && !t.hooks().contains(h)) {
          throw new IllegalArgumentException("this target cannot be used in " + h);
        }
      }
    } catch (IllegalArgumentException e) {
      throw w.wrong(e.getMessage());
    }
  }
}
