package io.loomvisor.task.ptrace;

import io.loomvisor.task.signal.SignalInfo;

/**
 * How a stop has ended.
 *
 * @param signal that the tracer wants delivered; 0 for none
 * @param info of the stop, which the tracer may have replaced; null if there was none
 * @param tracer id and real user of who has chosen the signal
 * @param outcome why it has ended
 */
public record Resumption(int signal, SignalInfo info, int tracer, int tracerUser, Outcome outcome) {
  /** Why. */
  public enum Outcome {
    /** By the tracer, or because that one has gone. */
    RESUMED,
    /** The thread has to end. */
    KILLED,
    /** Nobody traced it. */
    NOT_TRACED
  }

  static final Resumption KILLED = new Resumption(0, null, 0, 0, Outcome.KILLED);
  static final Resumption NOT_TRACED = new Resumption(0, null, 0, 0, Outcome.NOT_TRACED);

  public boolean killed() {
    return outcome == Outcome.KILLED;
  }
}
