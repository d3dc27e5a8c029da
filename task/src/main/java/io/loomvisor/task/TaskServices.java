package io.loomvisor.task;

import io.loomvisor.platform.Exit;
import io.loomvisor.platform.PolledCalls;
import io.loomvisor.scheduler.time.TimerService;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;

/** What a task's run loop needs of the kernel above it. Implemented by {@code kernel.Kernel}. */
public interface TaskServices {
  ProcessTree processes();

  TimerService timers();

  /** A new process, not a thread, is about to run for the first time. */
  default void processStarted(ThreadGroup group) {}

  /** Whether every syscall must come to {@link #syscall}, those too that the CPU can answer. */
  default boolean watchesCalls() {
    return false;
  }

  /** Serves the syscall in the task's registers and leaves the result in RAX. */
  void syscall(Task task);

  /**
   * Serves a call that came without an exit, on the platform's thread for such calls, without
   * waiting.
   *
   * @return what goes to RAX, or {@link PolledCalls#DECLINED} if {@link #syscall} must serve it
   */
  default long syscallPolled(
      Task task, long number, long a0, long a1, long a2, long a3, long a4, long a5) {
    return PolledCalls.DECLINED;
  }

  /** Resolves a page fault or turns it into a signal. */
  void pageFault(Task task, Exit.PageFault fault);

  /**
   * There is no frame left for {@code task}: makes room, waiting if need be. The caller holds no
   * actor, else nothing is done.
   *
   * @param before how often this has been called for the same allocation
   * @return whether to try again
   */
  boolean outOfMemory(Task task, int before);

  /** Turns another exception into a signal. */
  void fault(Task task, Exit.Fault fault);

  /**
   * Work before the application runs on: pending signals, stops, exits. Called whenever {@link
   * Task#attention} may be due.
   *
   * @return false if the task must not run any more
   */
  boolean prepareReturn(Task task);

  /**
   * The run loop has ended; releases everything the task holds and tells its parent. Called once.
   */
  void exited(Task task);

  /**
   * The sentry itself failed while serving this task: the application is killed, the cause is
   * logged.
   */
  void failed(Task task, Throwable cause);
}
