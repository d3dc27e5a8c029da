package io.loomvisor.runtime.boot;

import io.loomvisor.runtime.host.HostSignals;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Signals to {@code loomvisor do} go on to the application: SIGINT to the first process's group, as
 * a terminal would send it, SIGTERM and SIGHUP to the first process. SIGQUIT stays the JVM's own (a
 * thread dump).
 *
 * <p>The handlers are installed before the lock, which allows no sigaction(2), and stay. What comes
 * before there is a first process waits for it.
 */
final class ForwardedSignals {
  private final ProcessTree processes;
  private final Queue<Integer> early = new ConcurrentLinkedQueue<>();
  private volatile ThreadGroup first;

  ForwardedSignals(ProcessTree processes) {
    this.processes = processes;
    HostSignals.handle("INT", () -> arrived(Signal.SIGINT));
    HostSignals.handle("TERM", () -> arrived(Signal.SIGTERM));
    HostSignals.handle("HUP", () -> arrived(Signal.SIGHUP));
  }

  /** From now on signals go to {@code group}, beginning with those that have come already. */
  void to(ThreadGroup group) {
    first = group;
    forwardEarly();
  }

  private void arrived(int signal) {
    early.add(signal);
    if (first != null) {
      forwardEarly();
    }
  }

  /** Whoever takes a signal out of the queue sends it: none is lost between the two callers. */
  private void forwardEarly() {
    for (Integer signal = early.poll(); signal != null; signal = early.poll()) {
      // From outside of the sandbox: pid 0, as with a sender in another PID namespace.
      SignalInfo info = SignalInfo.from(signal, SignalInfo.SI_USER, 0, 0, 0);
      if (signal == Signal.SIGINT) {
        processes.sendToGroup(first.processGroupId(), info);
      } else {
        processes.send(first, info, null);
      }
    }
  }
}
