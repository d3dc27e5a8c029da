package io.loomvisor.platform;

import java.util.function.IntPredicate;

/**
 * What the guest's entry code answers for a task without leaving the guest, out of memory that
 * applications cannot write. A value set is what the application sees from then on, on whatever
 * vCPU it runs. Any thread, but two must not set the same value at a time.
 */
public interface InstantAnswers {
  /** A system call without arguments whose result is a value kept here. */
  enum Answer {
    PROCESS_ID(39),
    THREAD_ID(186),
    USER_ID(102),
    EFFECTIVE_USER_ID(107),
    GROUP_ID(104),
    EFFECTIVE_GROUP_ID(108),
    PARENT_ID(110);

    private final int number;

    Answer(int number) {
      this.number = number;
    }

    /** By which applications ask. */
    public int number() {
      return number;
    }
  }

  /** sched_yield(2), which is answered as well, with 0, if nobody waits for a vCPU. */
  int SCHED_YIELD = 24;

  /** Whether {@code condition} holds for the numbers of all calls that are answered. */
  static boolean all(IntPredicate condition) {
    for (Answer a : Answer.values()) {
      if (!condition.test(a.number)) {
        return false;
      }
    }
    return condition.test(SCHED_YIELD);
  }

  /** For a platform that has no such thing: all calls come to the kernel. */
  InstantAnswers NONE =
      new InstantAnswers() {
        @Override
        public void set(Answer answer, int value) {}

        @Override
        public void allow(boolean on) {}
      };

  /** The result of that call, an unsigned number. */
  void set(Answer answer, int value);

  /**
   * Whether calls may be answered at all; off at first. When it is off every call that begins
   * afterwards comes to the kernel.
   */
  void allow(boolean on);
}
