package io.loomvisor.net.filter.text;

import io.loomvisor.net.filter.Chain;
import io.loomvisor.net.filter.Counters;
import io.loomvisor.net.filter.Rule;
import io.loomvisor.net.filter.RuleSet;
import io.loomvisor.net.filter.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes a whole rule set. */
final class SaveWriter {
  private final StringBuilder out = new StringBuilder();
  private final RuleSet set;
  private final Counters counters;

  /** {@code counters} null: what the set begins with is written for chains, nothing for rules. */
  SaveWriter(RuleSet set, Counters counters) {
    this.set = set;
    this.counters = counters;
  }

  String write() {
    for (TableName t : TableName.values()) {
      Map<String, Chain> chains = set.chains().get(t);
      if (chains != null) {
        table(t, chains);
      }
    }
    return out.toString();
  }

  private void table(TableName t, Map<String, Chain> chains) {
    out.append('*').append(t.text()).append('\n');
    for (Chain c : chains.values()) {
      Counters.Count n =
          counters == null
              ? new Counters.Count(c.packets(), c.bytes())
              : counters.policy(t, c.name());
      String policy = c.policy() == null ? "-" : RuleWriter.name(c.policy());
      out.append(':').append(c.name()).append(' ').append(policy).append(' ');
      count(n);
      out.append('\n');
    }
    for (Chain c : chains.values()) {
      for (int i = 0; i < c.rules().size(); i++) {
        if (counters != null) {
          count(counters.rule(t, c.name(), i));
          out.append(' ');
        }
        rule(c.name(), c.rules().get(i));
      }
    }
    out.append("COMMIT\n");
  }

  private void count(Counters.Count n) {
    out.append('[').append(n.packets()).append(':').append(n.bytes()).append(']');
  }

  private void rule(String chain, Rule r) {
    List<String> words = new ArrayList<>();
    words.add("-A");
    words.add(name(chain));
    new RuleWriter(words, r, set.v6()).write();
    out.append(String.join(" ", words)).append('\n');
  }

  /** A name, in quotes only if it would not be one word without them. */
  static String name(String word) {
    boolean plain = word.chars().noneMatch(c -> c <= ' ' || c == '"' || c == '\\');
    return plain ? word : quoted(word);
  }

  /** In quotes as iptables writes them: around all that is not letters, digits, - and _. */
  static String quoted(String word) {
    boolean plain = !word.isEmpty();
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      plain &= c < 128 && Character.isLetterOrDigit(c) || c == '-' || c == '_';
    }
    if (plain) {
      return word;
    }
    return '"' + word.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
