package io.loomvisor.platform;

/**
 * Serves system calls of one task on another thread than its own, while that one sits in {@link
 * Context#run}: the entry code has posted the call and waits for the answer inside the guest. Two
 * calls of one task never overlap, and what one of them does happens before whatever the task's own
 * thread does after the run.
 */
@FunctionalInterface
public interface PolledCalls {
  /** What {@link #serve} returns if the task must come out with this call. Nothing has happened. */
  long DECLINED = Long.MIN_VALUE;

  /**
   * Serves one call. It should take microseconds: meanwhile no other is looked for. Everything
   * given is the application's, which may also have posted it without making a call.
   *
   * @return what goes to RAX, or {@link #DECLINED}
   */
  long serve(long number, long a0, long a1, long a2, long a3, long a4, long a5);

  /**
   * Asked after a call has been served: whether the task is to come out with the result instead of
   * going on in the application.
   */
  default boolean comeOut() {
    return false;
  }
}
