package io.loomvisor.runtime.boot;

import io.loomvisor.runtime.host.HostSignals;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import java.util.List;

/**
 * Signals to {@code loomvisor do} go on to the application: SIGINT to the first process's group, as
 * a terminal would send it, SIGTERM and SIGHUP to the first process. SIGQUIT stays the JVM's own (a
 * thread dump).
 */
final class ForwardedSignals implements AutoCloseable {
  private final List<Runnable> restore;

  ForwardedSignals(ProcessTree processes, ThreadGroup first) {
    restore =
        List.of(
            HostSignals.handle(
                "INT", () -> processes.sendToGroup(first.processGroupId(), info(Signal.SIGINT))),
            HostSignals.handle("TERM", () -> processes.send(first, info(Signal.SIGTERM), null)),
            HostSignals.handle("HUP", () -> processes.send(first, info(Signal.SIGHUP), null)));
  }

  /** From outside of the sandbox: pid 0, as with a sender in another PID namespace. */
  private static SignalInfo info(int signal) {
    return SignalInfo.from(signal, SignalInfo.SI_USER, 0, 0, 0);
  }

  @Override
  public void close() {
    restore.forEach(Runnable::run);
  }
}
