package io.loomvisor.kernel.syscall;

import io.loomvisor.task.Task;

/**
 * A handler that may also be called on another thread, while the task's own is in the application
 * and waits for the result there (docs/exitless.md). {@link Task#current} is the task then, and all
 * that belongs to its own thread may be used but what this interface promises:
 *
 * <ul>
 *   <li>not to touch registers;
 *   <li>to sleep only by {@link Task#sleep}, which {@code Blocking} and {@code WaitSet} do, and
 *       only as long as nothing has taken effect: there it ends, and the task makes the call again;
 *   <li>to flush no page tables: that would get the task out of the application first.
 * </ul>
 *
 * <p>It may wait for actors and the gofer as ever. Signals it raises for the task, and whatever
 * else asks for its attention, are looked at before the application sees the result.
 */
@FunctionalInterface
public interface QuickSyscall extends Syscall {
  /** Says of a handler that it is one. */
  static QuickSyscall quick(QuickSyscall handler) {
    return handler;
  }
}
