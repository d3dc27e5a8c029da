package io.loomvisor.scheduler.jfr;

/**
 * Whether this process may be recorded. A constant, so that without it the JIT compiler leaves out
 * all that makes events, and the interpreter looks at one field; loading the event classes costs a
 * start milliseconds.
 */
public final class Recording {
  /** The launcher sets this property with {@code --jfr} and {@code --no-lock}. */
  public static final String PROPERTY = "loomvisor.jfr";

  public static final boolean POSSIBLE = Boolean.getBoolean(PROPERTY);

  private Recording() {}
}
