package io.loomvisor.kernel.time;

import io.loomvisor.scheduler.time.TimerService;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.task.process.ThreadGroup;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The timers of all processes that have any; any thread. */
public final class Timers {
  private final ConcurrentMap<ThreadGroup, ProcessTimers> byProcess = new ConcurrentHashMap<>();
  private final ProcessTree processes;
  private final TimerService service;
  private final Clocks clocks;

  public Timers(ProcessTree processes, TimerService service, Clocks clocks) {
    this.processes = processes;
    this.service = service;
    this.clocks = clocks;
  }

  /** The timers of a process that runs. */
  public ProcessTimers of(ThreadGroup group) {
    return byProcess.computeIfAbsent(group, g -> new ProcessTimers(g, processes, service, clocks));
  }

  /** execve(2). */
  public void executed(ThreadGroup group) {
    ProcessTimers t = byProcess.get(group);
    if (t != null) {
      t.executed();
    }
  }

  /** A process has begun: it has no timers, but may have inherited a CPU limit. */
  public void started(ThreadGroup group) {
    if (group.limits().get(ResourceLimits.RLIMIT_CPU).soft() != ResourceLimits.INFINITY) {
      of(group).watchCpuLimit();
    }
  }

  /** RLIMIT_CPU of a process has been set. */
  public void cpuLimitChanged(ThreadGroup group) {
    of(group).watchCpuLimit();
  }

  /** A process has ended. */
  public void ended(ThreadGroup group) {
    ProcessTimers t = byProcess.remove(group);
    if (t != null) {
      t.end();
    }
  }
}
