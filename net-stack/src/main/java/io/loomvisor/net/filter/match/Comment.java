package io.loomvisor.net.filter.match;

import io.loomvisor.net.time.Clock;

/** Says something to readers. */
public record Comment(String text) implements Match {
  /** XT_MAX_COMMENT_LEN, less its end. */
  public static final int MAX = 255;

  public Comment {
    if (text.length() > MAX || text.indexOf('\n') >= 0) {
      throw new IllegalArgumentException("a comment of more than " + MAX + " or several lines");
    }
  }

  @Override
  public Test install(Clock clock) {
    return s -> true;
  }
}
