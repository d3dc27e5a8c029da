package io.loomvisor.task.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.task.Task;
import java.util.function.Supplier;

/**
 * Running out of frames on behalf of a task. Allocation happens deep inside actors, which must not
 * wait; so it fails there, and is tried again from the outside once the kernel has made room.
 */
final class Scarcity {
  private Scarcity() {}

  /**
   * Runs {@code body} until it finds the frames it needs.
   *
   * @param otherwise thrown if there are none to be had
   */
  static <R> R retrying(Errno otherwise, Supplier<R> body) {
    for (int before = 0; ; before++) {
      try {
        return body.get();
      } catch (MemoryFile.OutOfMemoryException e) {
        Task task = Task.current();
        if (task == null || !task.services().outOfMemory(task, before)) {
          throw otherwise.exception();
        }
      }
    }
  }
}
