package io.loomvisor.net.filter.text;

import io.loomvisor.net.filter.Counters;
import io.loomvisor.net.filter.RuleSet;

/** Between rule sets and the text of iptables-save, ip6tables-save and their -restore. */
public final class SaveText {
  private SaveText() {}

  /**
   * Reads whole tables: what iptables-save prints, and the commands -A, -I, -N and -P. Tables that
   * are not in the text have no rules in the result.
   *
   * @throws RuleSyntaxException if it says something that is wrong or not supported
   */
  public static RuleSet parse(String text, boolean v6) {
    return new SaveReader(v6).read(text);
  }

  /**
   * Writes a rule set so that {@link #parse} gives the same one.
   *
   * @throws IllegalArgumentException if it asks what has no text (a question of the program's own)
   */
  public static String format(RuleSet rules) {
    return new SaveWriter(rules, null).write();
  }

  /** With what it has counted, as iptables-save -c. */
  public static String format(RuleSet rules, Counters counters) {
    return new SaveWriter(rules, counters).write();
  }
}
