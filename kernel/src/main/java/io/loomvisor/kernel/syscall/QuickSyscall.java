package io.loomvisor.kernel.syscall;

import io.loomvisor.task.Task;

/**
 * A handler that may also be called on another thread, while the task's own is in the application
 * and waits for the result there (docs/exitless.md). It promises
 *
 * <ul>
 *   <li>not to wait: no gofer, no {@code Blocking}, no sleep;
 *   <li>to touch nothing of the task that belongs to its own thread: registers, signal state,
 *       {@link Task#current};
 *   <li>to copy out last, if at all: when there is no memory for that, it is called again;
 *   <li>to end in a result that needs no look at signals.
 * </ul>
 */
@FunctionalInterface
public interface QuickSyscall extends Syscall {
  /** Says of a handler that it is one. */
  static QuickSyscall quick(QuickSyscall handler) {
    return handler;
  }
}
