package io.loomvisor.task.seccomp;

/** How a thread is confined. Immutable: a thread that confines itself further has another one. */
public sealed interface SeccompState {
  /** SECCOMP_MODE_: 0 none, 1 strict, 2 filters. */
  int mode();

  /** Whether a call is served whatever its arguments. */
  boolean allows(int number);

  /** How many filters are in force. */
  default int filters() {
    return 0;
  }

  /** Not at all. */
  SeccompState NONE = new None();

  /** read, write, exit and sigreturn only. */
  SeccompState STRICT = new Strict();

  /** See {@link #NONE}. */
  record None() implements SeccompState {
    @Override
    public int mode() {
      return 0;
    }

    @Override
    public boolean allows(int number) {
      return true;
    }
  }

  /** See {@link #STRICT}. */
  record Strict() implements SeccompState {
    @Override
    public int mode() {
      return 1;
    }

    @Override
    public boolean allows(int number) {
      return false;
    }
  }

  /**
   * A filter on top of those given before, which stay in force.
   *
   * @param earlier null for the first
   * @param cache of {@link #allows}
   */
  record Filter(FilterProgram program, Filter earlier, int filters, AllowedCalls cache)
      implements SeccompState {
    /** MAX_INSNS_PER_PATH, and what each filter costs beyond its own. */
    private static final int MAX_TOTAL = (1 << 18) / FilterProgram.INSTRUCTION_SIZE;

    private static final int EACH = 4;

    /** Without an {@code earlier} one for null. */
    public static Filter on(FilterProgram program, Filter earlier) {
      int number = earlier == null ? 1 : earlier.filters + 1;
      return new Filter(program, earlier, number, new AllowedCalls());
    }

    @Override
    public boolean allows(int number) {
      return cache.contains(number, this::allowedByAll);
    }

    private boolean allowedByAll(int number) {
      for (Filter f = this; f != null; f = f.earlier) {
        if (!f.program.allows(number)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public int mode() {
      return 2;
    }

    /** Whether all together are short enough. */
    public boolean fits() {
      int total = program.translatedLength();
      for (Filter f = earlier; f != null; f = f.earlier) {
        total += f.program.translatedLength() + EACH;
      }
      return total <= MAX_TOTAL;
    }

    /** Whether {@code other} is this or stems from it by more filters. */
    public boolean isAncestorOf(Filter other) {
      Filter f = other;
      while (f != null && f != this) {
        f = f.earlier;
      }
      return f == this;
    }

    /**
     * The strictest answer, of the newest filter that gives it: actions are compared as signed
     * numbers, lower is stricter (seccomp_run_filters).
     */
    public int answer(CallData data) {
      int strictest = Verdict.ALLOW;
      for (Filter f = this; f != null; f = f.earlier) {
        int answer = f.program.run(data);
        if (Verdict.action(answer) < Verdict.action(strictest)) {
          strictest = answer;
        }
      }
      return strictest;
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }
}
