package io.loomvisor.kernel.syscall.ipc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.block.Blocking;
import io.loomvisor.kernel.ipc.IpcFlags;
import io.loomvisor.kernel.ipc.sem.PendingOperations;
import io.loomvisor.kernel.ipc.sem.SemaphoreOperation;
import io.loomvisor.kernel.ipc.sem.SemaphoreSet;
import io.loomvisor.kernel.ipc.sem.SemaphoreSets;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Credentials;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * semget(2), semop(2), semtimedop(2), semctl(2). struct semid64_ds of x86-64:
 *
 * <pre>
 *   0      48      56  64      72  80      88 … 103
 *   | perm | otime | 0 | ctime | 0 | nsems | 0    |
 * </pre>
 */
public final class SemCalls {
  private static final int GETPID = 11;
  private static final int GETVAL = 12;
  private static final int GETALL = 13;
  private static final int GETNCNT = 14;
  private static final int GETZCNT = 15;
  private static final int SETVAL = 16;
  private static final int SETALL = 17;
  private static final int SEM_STAT = 18;
  private static final int SEM_INFO = 19;
  private static final int SEM_STAT_ANY = 20;
  private static final int SEMID_DS_SIZE = 104;
  private static final int SEMINFO_SIZE = 40;

  /** SEMUSZ and SEMAEM of linux/sem.h. */
  private static final int SEMUSZ = 20;

  private final SemaphoreSets sets;

  public SemCalls(SemaphoreSets sets) {
    this.sets = sets;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.SEMGET, this::get);
    String note = "SEM_UNDO belongs to the process: CLONE_SYSVSEM does not share it between two";
    b.partial(SyscallNumber.SEMOP, note, (t, a) -> operate(t, a, Sleeper.FOREVER));
    b.partial(SyscallNumber.SEMTIMEDOP, note, (t, a) -> operate(t, a, deadline(t, a.get(3))));
    b.full(SyscallNumber.SEMCTL, this::control);
  }

  private long get(Task task, SyscallArguments a) {
    return sets.get(a.getInt(0), a.getInt(1), a.getInt(2), task.credentials()).id();
  }

  private static long deadline(Task task, long address) {
    return address == 0
        ? Sleeper.FOREVER
        : TimeSpec.deadline(System.nanoTime(), TimeSpec.readTimespec(task.memory(), address));
  }

  private long operate(Task task, SyscallArguments a, long deadline) {
    int id = a.getInt(0);
    int count = a.getInt(2);
    if (count <= 0 || id < 0) {
      throw Errno.EINVAL.exception();
    }
    if (count > sets.limits().operations()) {
      throw Errno.E2BIG.exception();
    }
    PendingOperations pending =
        new PendingOperations(operations(task, a.get(1), count), task.group());
    SemaphoreSet set = sets.table().find(id);
    sets.operate(set, pending, task.credentials());
    if (!pending.done()) {
      await(task, set, pending, deadline);
    }
    pending.check();
    return 0;
  }

  private static List<SemaphoreOperation> operations(Task task, long address, int count) {
    ByteBuffer b =
        PermissionLayout.buffer(task.memory().copyIn(address, count * SemaphoreOperation.SIZE));
    List<SemaphoreOperation> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int number = Short.toUnsignedInt(b.getShort());
      all.add(new SemaphoreOperation(number, b.getShort(), b.getShort()));
    }
    return all;
  }

  /** semop(2) is never restarted after a signal (signal(7)). */
  private static void await(Task task, SemaphoreSet set, PendingOperations p, long deadline) {
    try {
      Blocking.await(task, p.waiters(), 1, deadline, Errno.EAGAIN, Errno.EINTR, p::done);
    } catch (LinuxException e) {
      set.giveUp(p, e.errno());
    }
  }

  private long control(Task task, SyscallArguments a) {
    int id = a.getInt(0);
    int command = a.getInt(2);
    long argument = a.get(3);
    if (id < 0) {
      throw Errno.EINVAL.exception();
    }
    return switch (command) {
      case IpcFlags.IPC_INFO, SEM_INFO -> limits(task, command == SEM_INFO, argument);
      case IpcFlags.IPC_STAT -> status(task, sets.table().find(id), 0, true, argument);
      case SEM_STAT -> {
        SemaphoreSet s = sets.table().atIndex(id);
        yield status(task, s, s.id(), true, argument);
      }
      case SEM_STAT_ANY -> {
        SemaphoreSet s = sets.table().atIndex(id);
        yield status(task, s, s.id(), false, argument);
      }
      case GETALL, SETALL -> all(task, sets.table().find(id), command == SETALL, argument);
      case GETVAL, GETPID, GETNCNT, GETZCNT, SETVAL ->
          one(task, sets.table().find(id), a.getInt(1), command, (int) argument);
      case IpcFlags.IPC_SET -> {
        ByteBuffer b = PermissionLayout.buffer(task.memory().copyIn(argument, SEMID_DS_SIZE));
        sets.table()
            .find(id)
            .change(
                task.credentials(),
                PermissionLayout.uid(b),
                PermissionLayout.gid(b),
                PermissionLayout.mode(b));
        yield 0;
      }
      case IpcFlags.IPC_RMID -> {
        SemaphoreSet s = sets.table().find(id);
        s.permission().requireOwner(task.credentials());
        sets.remove(s);
        yield 0;
      }
      default -> throw Errno.EINVAL.exception();
    };
  }

  private static long all(Task task, SemaphoreSet set, boolean change, long address) {
    Credentials who = task.credentials();
    set.permission().check(who, change ? IpcFlags.WRITE : IpcFlags.READ);
    int n = set.size();
    if (!change) {
      ByteBuffer b = PermissionLayout.buffer(new byte[n * Short.BYTES]);
      for (int v : set.values()) {
        b.putShort((short) v);
      }
      task.memory().copyOut(address, b.array());
      return 0;
    }
    ByteBuffer b = PermissionLayout.buffer(task.memory().copyIn(address, n * Short.BYTES));
    int[] values = new int[n];
    for (int i = 0; i < n; i++) {
      values[i] = Short.toUnsignedInt(b.getShort());
      if (values[i] > SemaphoreSet.MAX_VALUE) {
        throw Errno.ERANGE.exception();
      }
    }
    set.setValues(values, task.threadGroupId());
    return 0;
  }

  private static long one(Task task, SemaphoreSet set, int number, int command, int value) {
    if (command == SETVAL && (value < 0 || value > SemaphoreSet.MAX_VALUE)) {
      throw Errno.ERANGE.exception();
    }
    if (command == SETVAL) {
      requireNumber(set, number);
    }
    int wanted = command == SETVAL ? IpcFlags.WRITE : IpcFlags.READ;
    set.permission().check(task.credentials(), wanted);
    requireNumber(set, number);
    return switch (command) {
      case GETVAL -> set.value(number);
      case GETPID -> set.lastProcess(number);
      case GETNCNT -> set.waiting(number, false);
      case GETZCNT -> set.waiting(number, true);
      default -> {
        set.setValue(number, value, task.threadGroupId());
        yield 0;
      }
    };
  }

  private static void requireNumber(SemaphoreSet set, int number) {
    if (number < 0 || number >= set.size()) {
      throw Errno.EINVAL.exception();
    }
  }

  /** struct seminfo; SEM_INFO has how many sets and semaphores there are in two of its words. */
  private long limits(Task task, boolean use, long address) {
    int semaphores = (int) sets.limits().semaphores();
    ByteBuffer b = PermissionLayout.buffer(new byte[SEMINFO_SIZE]);
    b.putInt(semaphores)
        .putInt((int) sets.limits().semaphoreSets())
        .putInt(semaphores)
        .putInt(semaphores)
        .putInt((int) sets.limits().semaphoresPerSet())
        .putInt((int) sets.limits().operations())
        .putInt((int) sets.limits().operations())
        .putInt(use ? sets.table().all().size() : SEMUSZ)
        .putInt(SemaphoreSet.MAX_VALUE)
        .putInt(use ? (int) sets.total() : SemaphoreSet.MAX_VALUE);
    task.memory().copyOut(address, b.array());
    return sets.table().maxIndex();
  }

  private static long status(Task task, SemaphoreSet s, long result, boolean check, long address) {
    if (check) {
      s.permission().check(task.credentials(), IpcFlags.READ);
    }
    ByteBuffer b = PermissionLayout.structure(SEMID_DS_SIZE, s.permission(), s.id());
    b.putLong(48, s.operationTime()).putLong(64, s.changeTime()).putLong(80, s.size());
    task.memory().copyOut(address, b.array());
    return result;
  }
}
