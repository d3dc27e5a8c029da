package io.loomvisor.task;

/**
 * Thrown by a call that is served on another thread than the task's and cannot go on there, since
 * it would sleep. The task makes the call itself then, from the beginning, so nothing of it may
 * have taken effect (docs/exitless.md).
 */
@SuppressWarnings("serial")
public final class NotAside extends RuntimeException {
  /** It says nothing of where it came from, and is thrown often. */
  static final NotAside INSTANCE = new NotAside();

  private NotAside() {
    super("a call that is served aside would sleep", null, false, false);
  }
}
