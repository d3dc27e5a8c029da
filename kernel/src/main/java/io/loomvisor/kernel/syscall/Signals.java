package io.loomvisor.kernel.syscall;

import io.loomvisor.task.Task;
import io.loomvisor.task.signal.SignalInfo;

/** Signals that syscalls raise for their caller. */
public final class Signals {
  private Signals() {}

  /** As send_sig(signal, current, 0): the thread gets it, with itself as the sender. */
  public static void raise(Task task, int signal) {
    task.group()
        .send(
            SignalInfo.from(
                signal, SignalInfo.SI_USER, task.threadGroupId(), task.credentials().uid(), 0),
            task);
  }
}
