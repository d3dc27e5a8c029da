package io.loomvisor.kernel.debug;

import io.loomvisor.kernel.strace.Strace;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.signal.SignalInfo;

/**
 * Whether system calls are printed as strace(1) does. Changed at any time by any thread; a call
 * that has begun before is printed with its end only, if at all.
 */
public final class CallTrace {
  private final ProcessTree processes;

  /** Null for none. */
  private volatile Strace strace;

  public CallTrace(ProcessTree processes, Strace first) {
    this.processes = processes;
    this.strace = first;
  }

  /** Who prints calls now; null for nobody. */
  public Strace now() {
    return strace;
  }

  public boolean on() {
    return strace != null;
  }

  /**
   * From now on calls are told to {@code next}, null for nobody. A task that is made meanwhile
   * looks by itself ({@link Task#answerAsAllowed}).
   */
  public void set(Strace next) {
    strace = next;
    processes.allTasks().forEach(Task::answerAsAllowed);
  }

  /** A signal is about to be acted on, on its task's own thread. */
  public void signal(Task task, SignalInfo info) {
    Strace s = strace;
    if (s != null) {
      s.signal(task, info);
    }
  }

  /** The run loop of {@code task} has ended. */
  public void exited(Task task) {
    Strace s = strace;
    if (s != null) {
      s.exited(task, task.group().exitStatus());
    }
  }
}
