package io.loomvisor.task.signal;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * What a process does about each signal (Linux: struct sighand_struct). Processes made with
 * CLONE_SIGHAND share one, so no thread group's actor owns it: each disposition is immutable and
 * replaced atomically.
 */
public final class SignalDispositions {
  private final AtomicReferenceArray<SignalAction> actions =
      new AtomicReferenceArray<>(Signal.SIGRTMAX + 1);

  /** Everything by default. */
  public SignalDispositions() {
    for (int s = 0; s <= Signal.SIGRTMAX; s++) {
      actions.set(s, SignalAction.DEFAULT);
    }
  }

  /**
   * Everything by default but what is in {@code ignored}, as a program inherits it by execve(2).
   */
  public static SignalDispositions ignoring(long ignored) {
    SignalDispositions d = new SignalDispositions();
    for (int s = 1; s <= Signal.SIGRTMAX; s++) {
      if (Signal.in(ignored & ~Signal.UNBLOCKABLE, s)) {
        d.actions.set(s, SignalAction.IGNORE);
      }
    }
    return d;
  }

  public SignalAction get(int signal) {
    return actions.get(signal);
  }

  /** Sets one and returns the old one. */
  public SignalAction set(int signal, SignalAction action) {
    return actions.getAndSet(signal, action);
  }

  /** SA_RESETHAND: back to default if {@code taken} is still in force. */
  public void resetAfter(int signal, SignalAction taken) {
    actions.compareAndSet(signal, taken, SignalAction.DEFAULT);
  }

  /** fork(2). */
  public SignalDispositions copy() {
    SignalDispositions copy = new SignalDispositions();
    for (int s = 1; s <= Signal.SIGRTMAX; s++) {
      copy.actions.set(s, get(s));
    }
    return copy;
  }

  /** execve(2): caught signals go back to default, ignored ones stay ignored, without flags. */
  public SignalDispositions copyForExec() {
    SignalDispositions copy = copy();
    for (int s = 1; s <= Signal.SIGRTMAX; s++) {
      boolean ignored = get(s).handler() == SignalAction.SIG_IGN;
      copy.actions.set(s, ignored ? SignalAction.IGNORE : SignalAction.DEFAULT);
    }
    return copy;
  }

  /** CLONE_CLEAR_SIGHAND: as {@link #copyForExec}, but ignored ones keep their flags. */
  public SignalDispositions copyCleared() {
    SignalDispositions copy = copy();
    for (int s = 1; s <= Signal.SIGRTMAX; s++) {
      if (get(s).handler() != SignalAction.SIG_IGN) {
        copy.actions.set(s, SignalAction.DEFAULT);
      }
    }
    return copy;
  }
}
