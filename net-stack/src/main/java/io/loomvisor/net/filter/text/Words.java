package io.loomvisor.net.filter.text;

import java.util.ArrayList;
import java.util.List;

/**
 * The words of one line, in order; quotes hold words together, a backslash takes the next as is.
 */
final class Words {
  private final int line;
  private final List<String> words = new ArrayList<>();
  private int next;

  Words(int line, String text) {
    this.line = line;
    StringBuilder word = null;
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && quoted && i + 1 < text.length()) {
        i++;
        word.append(text.charAt(i));
      } else if (c == '"') {
        quoted = !quoted;
        word = word == null ? new StringBuilder() : word;
      } else if (!quoted && (c == ' ' || c == '\t')) {
        if (word != null) {
          words.add(word.toString());
          word = null;
        }
      } else {
        word = word == null ? new StringBuilder() : word;
        word.append(c);
      }
    }
    if (quoted) {
      throw new RuleSyntaxException(line, word.toString(), "a quote that does not end");
    }
    if (word != null) {
      words.add(word.toString());
    }
  }

  int line() {
    return line;
  }

  boolean hasNext() {
    return next < words.size();
  }

  String next(String what) {
    if (!hasNext()) {
      throw new RuleSyntaxException(line, "", what + " is missing");
    }
    return words.get(next++);
  }

  /** Takes the next word if it is this one. */
  boolean take(String word) {
    boolean is = hasNext() && words.get(next).equals(word);
    if (is) {
      next++;
    }
    return is;
  }

  /** The next word, if it is there and no option; otherwise null. */
  String takeValue() {
    boolean is = hasNext() && !words.get(next).startsWith("-") && !words.get(next).equals("!");
    return is ? words.get(next++) : null;
  }

  /** About the word taken last. */
  RuleSyntaxException wrong(String problem) {
    return new RuleSyntaxException(line, next == 0 ? "" : words.get(next - 1), problem);
  }

  RuleSyntaxException wrong(String word, String problem) {
    return new RuleSyntaxException(line, word, problem);
  }
}
