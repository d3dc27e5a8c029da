package io.loomvisor.kernel.view;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.task.Task;
import io.loomvisor.task.fd.FdTable;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.task.process.IoUsage;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.MountNamespace;
import io.loomvisor.vfs.proc.MemoryMapping;
import io.loomvisor.vfs.proc.MemoryStatus;
import io.loomvisor.vfs.proc.ProcessView;
import io.loomvisor.vfs.proc.TaskStatus;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;

/**
 * One thread, or a process that is a zombie. The task is looked up anew each time: after execve(2)
 * by another thread the same id names another task.
 */
final class TaskView implements ProcessView {
  private final ProcessTree processes;
  private final ThreadGroup group;
  private final int tid;
  private final long bootNanos;

  TaskView(ProcessTree processes, ThreadGroup group, int tid, long bootNanos) {
    this.processes = processes;
    this.group = group;
    this.tid = tid;
    this.bootNanos = bootNanos;
  }

  /** Null for a zombie. */
  private Task task() {
    Task t = processes.task(tid);
    return t != null && t.group() == group && !t.ended() ? t : null;
  }

  private <R> R of(Function<Task, R> what, R forZombie) {
    Task t = task();
    return t == null ? forZombie : what.apply(t);
  }

  /** Asks the address space while it is held; {@code forZombie} also if it has gone. */
  private <R> R memory(Function<MemoryManager, R> what, R forZombie) {
    Task t = task();
    MemoryManager m = t == null ? null : t.memoryManager();
    if (m == null || !m.acquireUser()) {
      return forZombie;
    }
    try {
      return what.apply(m);
    } finally {
      m.releaseUser();
    }
  }

  @Override
  public TaskStatus status() {
    Task t = task();
    if (t == null && processes.group(group.id()) != group) {
      throw Errno.ESRCH.exception();
    }
    return new StatusReport(processes, group, tid, bootNanos).of(t);
  }

  @Override
  public MemoryStatus memory() {
    return memory(MemoryManager::status, null);
  }

  @Override
  public List<MemoryMapping> mappings() {
    return memory(MemoryManager::mappings, List.of());
  }

  @Override
  public long readMemory(long address, MemorySegment target) {
    return memory(m -> some(m.inspect(address, target)), 0L);
  }

  @Override
  public long writeMemory(long address, MemorySegment source) {
    return memory(m -> some(m.patch(address, source)), 0L);
  }

  private static long some(long bytes) {
    if (bytes == 0) {
      throw Errno.EIO.exception();
    }
    return bytes;
  }

  @Override
  public byte[] auxiliaryVector() {
    return memory(m -> m.program().auxiliaryVector(), new byte[0]);
  }

  @Override
  public VfsPath executable() {
    return memory(m -> m.program().executable(), null);
  }

  @Override
  public VfsPath workingDirectory() {
    return of(t -> t.fileSystem().workingDirectory(), null);
  }

  @Override
  public VfsPath root() {
    return of(t -> t.fileSystem().root(), null);
  }

  @Override
  public MountNamespace mounts() {
    return of(t -> t.fileSystem().namespace(), null);
  }

  @Override
  public int[] descriptors() {
    return of(
        t -> t.descriptors().snapshot().stream().mapToInt(FdTable.Descriptor::number).toArray(),
        new int[0]);
  }

  @Override
  public FileDescription retain(int fd) {
    Task t = task();
    try {
      return t == null ? null : t.descriptors().get(fd);
    } catch (LinuxException e) {
      return ifNotOpen(e, null);
    }
  }

  @Override
  public boolean closeOnExec(int fd) {
    Task t = task();
    try {
      return t != null && t.descriptors().isCloseOnExec(fd);
    } catch (LinuxException e) {
      return ifNotOpen(e, false);
    }
  }

  private static <R> R ifNotOpen(LinuxException e, R answer) {
    if (e.errno() != Errno.EBADF) {
      throw e;
    }
    return answer;
  }

  @Override
  public ResourceLimit limit(int resource) {
    ResourceLimits.Limit l = group.limits().get(resource);
    return new ResourceLimit(l.soft(), l.hard());
  }

  @Override
  public void setName(String name) {
    Task t = task();
    if (t != null) {
      t.setName(name);
    }
  }

  @Override
  public int personality() {
    return of(t -> t.settings().personality(), 0);
  }

  @Override
  public IoCounters io(boolean thread) {
    IoUsage io = thread ? of(t -> t.counters().io(), IoUsage.NONE) : group.io();
    return new IoCounters(io.readBytes(), io.writtenBytes(), io.readCalls(), io.writeCalls());
  }

  @Override
  public int oomScoreAdjustment() {
    return group.settings().oomScoreAdjustment();
  }

  @Override
  public void setOomScoreAdjustment(int value) {
    group.settings().setOomScoreAdjustment(value);
  }

  @Override
  public int coredumpFilter() {
    return group.settings().coredumpFilter();
  }

  @Override
  public void setCoredumpFilter(int value) {
    group.settings().setCoredumpFilter(value);
  }
}
