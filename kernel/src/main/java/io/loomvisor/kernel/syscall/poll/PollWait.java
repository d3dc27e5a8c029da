package io.loomvisor.kernel.syscall.poll;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.block.WaitSet;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;

/** The wait that poll and select have in common. */
final class PollWait {
  private PollWait() {}

  /**
   * Waits until {@code look} finds something.
   *
   * @param files null elements are passed over
   * @param wanted the events to be woken for, by index
   * @param look how many are ready now
   * @param deadline on the {@link System#nanoTime} clock
   * @return what {@code look} found; 0 at the deadline; EINTR if a signal ends the wait
   */
  static long await(
      Task task,
      FileDescription[] files,
      IntUnaryOperator wanted,
      LongSupplier look,
      long deadline) {
    long ready = look.getAsLong();
    if (ready > 0) {
      return ready;
    }
    try (WaitSet waits = new WaitSet(task)) {
      for (int i = 0; i < files.length; i++) {
        if (files[i] != null) {
          waits.add(files[i].waitQueue(), wanted.applyAsInt(i));
        }
      }
      // The look comes before the reason to end (fs/select.c: do_poll).
      for (Sleeper.Wake wake = Sleeper.Wake.READY; ; wake = waits.sleep(deadline)) {
        waits.arm();
        ready = look.getAsLong();
        if (ready > 0) {
          return ready;
        }
        switch (wake) {
          case READY -> {}
          case TIMED_OUT -> {
            return 0;
          }
          case INTERRUPTED -> throw Errno.EINTR.exception();
        }
      }
    }
  }

  /**
   * Sets the temporary mask of ppoll and pselect; a signal that it lets through ends the wait at
   * once.
   */
  static void setMask(Task task, long mask) {
    task.signals().setTemporaryMask(mask);
    if (task.group().needsAttention(task)) {
      task.interrupt();
    }
  }
}
