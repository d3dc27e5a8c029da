package io.loomvisor.kernel.process;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.ptrace.TraceStops;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.Session;
import io.loomvisor.task.process.ThreadGroup;
import java.util.function.Consumer;

/**
 * The end of a task (kernel/exit.c: do_exit): gives everything back, in Linux's order, and tells
 * the parent.
 */
public final class TaskExit {
  private final ProcessTree processes;
  private final ThreadFutexes futexes;
  private final TraceStops stops;
  private final Consumer<Session> onSessionLeaderExit;
  private final Consumer<Task> onProcessExit;

  /**
   * @param stops of traced tasks
   * @param onSessionLeaderExit told when the leader of a session has ended: its terminal hangs up
   * @param onProcessExit told with its last task when a process has ended, before its parent is:
   *     its record locks go
   */
  public TaskExit(
      ProcessTree processes,
      ThreadFutexes futexes,
      TraceStops stops,
      Consumer<Session> onSessionLeaderExit,
      Consumer<Task> onProcessExit) {
    this.processes = processes;
    this.futexes = futexes;
    this.stops = stops;
    this.onSessionLeaderExit = onSessionLeaderExit;
    this.onProcessExit = onProcessExit;
  }

  /** Called once, on the task's own thread, after its run loop. */
  public void exited(Task task) {
    ThreadGroup group = task.group();
    // Its own tracees first, so that two that trace each other can both end.
    processes.tracerGone(task);
    stops.exiting(task);
    leaveMemory(task);
    group.noteResident(task.memoryManager().peakResident());
    task.memoryManager().releaseUser();
    task.descriptors().unshare();
    task.fileSystem().release();
    task.context().close();
    group.addUsage(task.usage(), task.counters().io());
    processes.removeTask(task);
    processes.tracing().ended(task, task.exitStatus());
    if (group.remove(task)) {
      onProcessExit.accept(task);
      Session led =
          processes.exited(group, group.exitStatus(), task.credentials().uid(), group.endedUsage());
      group.exitEvents().notifyEvents(1);
      if (led != null) {
        onSessionLeaderExit.accept(led);
      }
    }
  }

  /** mm_release(): robust futexes, then clear_child_tid, then whoever waits in vfork. */
  public void leaveMemory(Task task) {
    futexes.releaseRobust(task);
    long address = task.pointers().clearChildTid();
    task.pointers().setClearChildTid(0);
    if (address != 0) {
      try {
        task.memory().putInt(address, 0);
        futexes.wake(task.memoryManager(), address, 1);
      } catch (LinuxException e) {
        // The application took the page away; there is nobody left to tell.
        assert e.errno() != null;
      }
    }
    task.memoryReleased();
  }
}
