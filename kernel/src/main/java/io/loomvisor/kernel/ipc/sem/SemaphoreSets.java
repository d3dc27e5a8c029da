package io.loomvisor.kernel.ipc.sem;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.ipc.IpcLimits;
import io.loomvisor.kernel.ipc.IpcTable;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.KernelMemory;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The semaphore sets of one IPC namespace. Any thread, no actor held. */
public final class SemaphoreSets {
  private final IpcLimits limits;
  private final IpcTable<SemaphoreSet> table;

  /** Which sets may have something to undo for a process. */
  private final ConcurrentHashMap<ThreadGroup, Set<SemaphoreSet>> undo = new ConcurrentHashMap<>();

  /** What a set takes of the heap. */
  private static final int SET_BYTES = 512;

  private static final int SEMAPHORE_BYTES = 8;

  /** SEMMNS's sum; changed in the table's actor only. */
  private long total;

  public SemaphoreSets(IpcLimits limits) {
    this.limits = limits;
    this.table = new IpcTable<>(limits::semaphoreSets);
  }

  public IpcTable<SemaphoreSet> table() {
    return table;
  }

  public IpcLimits limits() {
    return limits;
  }

  /** semget(2). */
  public SemaphoreSet get(int key, int size, int flags, Credentials who) {
    if (size < 0 || size > limits.semaphoresPerSet()) {
      throw Errno.EINVAL.exception();
    }
    return table.get(
        key,
        flags,
        who,
        there -> {
          if (size > there.size()) {
            throw Errno.EINVAL.exception();
          }
        },
        () -> {
          if (size == 0) {
            throw Errno.EINVAL.exception();
          }
          if (total + size > limits.semaphores()) {
            throw Errno.ENOSPC.exception();
          }
        },
        (id, permission) -> {
          KernelMemory.unreserved().take(memory(size), Errno.ENOSPC);
          total += size;
          return new SemaphoreSet(id, permission, size);
        });
  }

  private static long memory(int size) {
    return SET_BYTES + (long) SEMAPHORE_BYTES * size;
  }

  /** semop(2), as {@link SemaphoreSet#operate}. */
  public void operate(SemaphoreSet set, PendingOperations pending, Credentials who) {
    if (pending.undoes()) {
      undo.computeIfAbsent(pending.process(), p -> ConcurrentHashMap.newKeySet()).add(set);
    }
    set.operate(pending, who);
  }

  /** IPC_RMID. */
  public void remove(SemaphoreSet set) {
    if (!table.remove(set, () -> total -= set.size())) {
      throw Errno.EIDRM.exception();
    }
    KernelMemory.unreserved().give(memory(set.size()));
    undo.values().forEach(sets -> sets.remove(set));
  }

  /** Undoes what the process has done with SEM_UNDO. */
  public void processEnded(ThreadGroup process) {
    Set<SemaphoreSet> sets = undo.remove(process);
    if (sets != null) {
      sets.forEach(s -> s.processEnded(process));
    }
  }

  /** SEM_INFO: semaphores in all sets. */
  public long total() {
    return table.all().stream().mapToLong(SemaphoreSet::size).sum();
  }
}
