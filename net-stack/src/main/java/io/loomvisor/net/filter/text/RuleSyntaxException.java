package io.loomvisor.net.filter.text;

/** What is wrong with a text of rules, and where. */
public final class RuleSyntaxException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;
  private final int line;
  private final String word;

  RuleSyntaxException(int line, String word, String problem) {
    super("line " + line + (word.isEmpty() ? "" : ": '" + word + "'") + ": " + problem);
    this.line = line;
    this.word = word;
  }

  /** Counted from 1. */
  public int line() {
    return line;
  }

  /** Empty if something is missing at the end of the line. */
  public String word() {
    return word;
  }
}
