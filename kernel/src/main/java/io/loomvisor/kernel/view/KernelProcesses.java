package io.loomvisor.kernel.view;

import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.vfs.proc.ProcessTable;
import io.loomvisor.vfs.proc.ProcessView;

/** The process tree as /proc lists it. */
final class KernelProcesses implements ProcessTable {
  private final ProcessTree processes;
  private final long bootNanos;

  /**
   * @param bootNanos {@link System#nanoTime} at boot
   */
  KernelProcesses(ProcessTree processes, long bootNanos) {
    this.processes = processes;
    this.bootNanos = bootNanos;
  }

  @Override
  public int[] processes() {
    return processes.pids().stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  @Override
  public int[] threads(int tgid) {
    ThreadGroup group = processes.group(tgid);
    if (group == null) {
      return new int[0];
    }
    int[] live = group.tasks().stream().mapToInt(Task::threadId).sorted().toArray();
    return live.length == 0 ? new int[] {tgid} : live; // a zombie has its leader
  }

  @Override
  public ProcessView find(int tid) {
    Task task = processes.task(tid);
    if (task != null) {
      return new TaskView(processes, task.group(), tid, bootNanos);
    }
    ThreadGroup group = processes.group(tid);
    return group == null ? null : new TaskView(processes, group, tid, bootNanos);
  }
}
