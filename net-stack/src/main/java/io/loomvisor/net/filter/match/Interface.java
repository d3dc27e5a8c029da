package io.loomvisor.net.filter.match;

import io.loomvisor.net.filter.Hook;
import io.loomvisor.net.time.Clock;

/** Name of the interface it came in by or leaves by; a {@code +} at the end stands for anything. */
public record Interface(boolean in, String name, boolean negated) implements Match {
  /** IFNAMSIZ, less its end. */
  public static final int MAX_NAME = 15;

  public Interface {
    if (name.isEmpty() || name.length() > MAX_NAME) {
      throw new IllegalArgumentException("name of an interface: '" + name + "'");
    }
  }

  @Override
  public Test install(Clock clock) {
    boolean beginning = name.endsWith("+");
    String wanted = beginning ? name.substring(0, name.length() - 1) : name;
    return s -> {
      String is = in ? s.in() : s.out();
      return (beginning ? is.startsWith(wanted) : is.equals(wanted)) != negated;
    };
  }

  @Override
  public void check(Hook hook) {
    boolean never =
        in
            ? hook == Hook.OUTPUT || hook == Hook.POSTROUTING
            : hook == Hook.PREROUTING || hook == Hook.INPUT;
    if (never) {
      throw new IllegalArgumentException((in ? "-i" : "-o") + " cannot be used in " + hook);
    }
  }
}
