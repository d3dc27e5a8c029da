package io.loomvisor.vfs.tty;

import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.PollEvents;
import java.util.ArrayList;
import java.util.List;

/**
 * What a message to a terminal caused and is done when the actor is not held any more: signals,
 * then wake-ups.
 */
final class Aftermath {
  static final int READABLE = PollEvents.POLLIN | PollEvents.POLLRDNORM;
  static final int WRITABLE = PollEvents.POLLOUT | PollEvents.POLLWRNORM;
  static final int ALL =
      READABLE | WRITABLE | PollEvents.POLLHUP | PollEvents.POLLERR | PollEvents.POLLPRI;

  private record Sent(int processGroup, TtySignal signal) {}

  private final List<Sent> signals = new ArrayList<>(0);
  private int forSlaves;
  private int forMaster;

  void signal(int processGroup, TtySignal signal) {
    if (processGroup != 0) {
      signals.add(new Sent(processGroup, signal));
    }
  }

  void wakeSlaves(int events) {
    forSlaves |= events;
  }

  void wakeMaster(int events) {
    forMaster |= events;
  }

  void run(JobControl jobs, WaitQueue slaves, WaitQueue master) {
    for (Sent s : signals) {
      jobs.signalGroup(s.processGroup, s.signal);
    }
    if (forSlaves != 0) {
      slaves.notifyEvents(forSlaves);
    }
    if (forMaster != 0) {
      master.notifyEvents(forMaster);
    }
  }
}
