package io.loomvisor.kernel.ipc.sem;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.ipc.IpcFlags;
import io.loomvisor.kernel.ipc.IpcObject;
import io.loomvisor.kernel.ipc.IpcPermission;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.vfs.Credentials;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One set of semaphores. Operations that must wait queue in the order of their arrival; whenever a
 * value changes those are done that can be, the ones that wait for zero first, then the others from
 * the front on (do_smart_update() of ipc/sem.c). A newcomer that need not wait does not queue.
 */
public final class SemaphoreSet extends Actor implements IpcObject {
  /** SEMVMX: the largest value. */
  public static final int MAX_VALUE = 32767;

  private static final long MILLIS = 1000;

  private final int id;
  private final AtomicReference<IpcPermission> permission;
  private final int[] values;

  /** The process that last operated on each: sempid. */
  private final int[] processes;

  /** What is to be added at the exit of a process: semadj. */
  private final Map<ThreadGroup, int[]> adjustments = new IdentityHashMap<>();

  private final List<PendingOperations> waitingForZero = new ArrayList<>();
  private final List<PendingOperations> waiting = new ArrayList<>();
  private volatile long operationTime;
  private volatile long changeTime = now();
  private boolean removed;

  SemaphoreSet(int id, IpcPermission permission, int size) {
    super(Rank.IPC_OBJECT);
    this.id = id;
    this.permission = new AtomicReference<>(permission);
    this.values = new int[size];
    this.processes = new int[size];
  }

  private static long now() {
    return System.currentTimeMillis() / MILLIS;
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public IpcPermission permission() {
    return permission.get();
  }

  /** Semaphores in it; never changes. */
  public int size() {
    return values.length;
  }

  /** Seconds since the Epoch; 0 if never. */
  public long operationTime() {
    return operationTime;
  }

  public long changeTime() {
    return changeTime;
  }

  @Override
  public void removed() {
    ask(
        () -> {
          removed = true;
          waitingForZero.forEach(p -> p.complete(Errno.EIDRM));
          waiting.forEach(p -> p.complete(Errno.EIDRM));
          waitingForZero.clear();
          waiting.clear();
          adjustments.clear();
        });
  }

  /**
   * semop(2): done or failed when it returns, or {@code pending} is queued. EFBIG, EACCES, EIDRM,
   * EAGAIN, ERANGE.
   */
  public void operate(PendingOperations pending, Credentials who) {
    if (pending.maxNumber() >= values.length) {
      throw Errno.EFBIG.exception();
    }
    permission().check(who, pending.alters() ? IpcFlags.WRITE : IpcFlags.READ);
    ask(
        () -> {
          requireExisting();
          switch (attempt(pending)) {
            case DONE -> {
              pending.complete(null);
              if (pending.alters()) {
                wakeUp();
              }
            }
            case WAITS -> (pending.alters() ? waiting : waitingForZero).add(pending);
            case FAILED -> {}
          }
        });
  }

  /** The wait is over before its time; what has been done meanwhile stays. */
  public void giveUp(PendingOperations pending, Errno reason) {
    ask(
        () -> {
          if (waiting.remove(pending) || waitingForZero.remove(pending)) {
            pending.complete(reason);
          }
        });
  }

  private void requireExisting() {
    if (removed) {
      throw Errno.EIDRM.exception();
    }
  }

  /** perform_atomic_semop(): all operations in turn, taken back if one cannot be done. */
  private PendingOperations.Outcome attempt(PendingOperations pending) {
    List<SemaphoreOperation> operations = pending.operations();
    int[] adjustment = pending.undoes() ? adjustmentsOf(pending.process()) : null;
    int done = 0;
    Errno failure = null;
    PendingOperations.Outcome outcome = PendingOperations.Outcome.DONE;
    for (SemaphoreOperation o : operations) {
      int value = values[o.number()];
      int result = value + o.change();
      if (o.change() == 0 && value != 0 || result < 0) {
        pending.blockedBy(o);
        failure = o.nowait() ? Errno.EAGAIN : null;
        outcome = o.nowait() ? PendingOperations.Outcome.FAILED : PendingOperations.Outcome.WAITS;
        break;
      }
      int adjusted = o.undo() ? adjustment[o.number()] - o.change() : 0;
      if (result > MAX_VALUE || adjusted < -MAX_VALUE - 1 || adjusted > MAX_VALUE) {
        failure = Errno.ERANGE;
        outcome = PendingOperations.Outcome.FAILED;
        break;
      }
      if (o.undo()) {
        adjustment[o.number()] = adjusted;
      }
      values[o.number()] = result;
      done++;
    }
    if (outcome == PendingOperations.Outcome.DONE) {
      operations.forEach(o -> processes[o.number()] = pending.process().id());
      operationTime = now();
      return outcome;
    }
    takeBack(operations.subList(0, done), adjustment);
    if (failure != null) {
      pending.complete(failure);
    }
    return outcome;
  }

  private void takeBack(List<SemaphoreOperation> done, int[] adjustment) {
    for (SemaphoreOperation o : done) {
      values[o.number()] -= o.change();
      if (o.undo()) {
        adjustment[o.number()] += o.change();
      }
    }
  }

  private int[] adjustmentsOf(ThreadGroup process) {
    return adjustments.computeIfAbsent(process, p -> new int[values.length]);
  }

  /** After a change of values. */
  private void wakeUp() {
    boolean again = true;
    while (again) {
      again = false;
      completeThoseForZero();
      Iterator<PendingOperations> i = waiting.iterator();
      while (i.hasNext() && !again) {
        PendingOperations p = i.next();
        PendingOperations.Outcome outcome = attempt(p);
        if (outcome != PendingOperations.Outcome.WAITS) {
          i.remove();
        }
        if (outcome == PendingOperations.Outcome.DONE) {
          p.complete(null);
          again = true;
        }
      }
    }
  }

  private void completeThoseForZero() {
    Iterator<PendingOperations> i = waitingForZero.iterator();
    while (i.hasNext()) {
      PendingOperations p = i.next();
      PendingOperations.Outcome outcome = attempt(p);
      if (outcome != PendingOperations.Outcome.WAITS) {
        i.remove();
      }
      if (outcome == PendingOperations.Outcome.DONE) {
        p.complete(null);
      }
    }
  }

  /** exit_sem(): adds what the process had to be undone; values stay within their bounds. */
  void processEnded(ThreadGroup process) {
    ask(
        () -> {
          int[] adjustment = adjustments.remove(process);
          if (adjustment == null || removed) {
            return;
          }
          for (int n = 0; n < values.length; n++) {
            if (adjustment[n] != 0) {
              values[n] = Math.clamp((long) values[n] + adjustment[n], 0, MAX_VALUE);
              processes[n] = process.id();
            }
          }
          operationTime = now();
          wakeUp();
        });
  }

  public int value(int number) {
    return ask(
        () -> {
          requireExisting();
          return values[number];
        });
  }

  /** GETALL. */
  public int[] values() {
    return ask(
        () -> {
          requireExisting();
          return values.clone();
        });
  }

  /** GETPID. */
  public int lastProcess(int number) {
    return ask(
        () -> {
          requireExisting();
          return processes[number];
        });
  }

  /** GETNCNT, or with {@code forZero} GETZCNT: who is held up by this very semaphore. */
  public int waiting(int number, boolean forZero) {
    return ask(
        () -> {
          requireExisting();
          int n = 0;
          for (List<PendingOperations> queue : List.of(waiting, waitingForZero)) {
            for (PendingOperations p : queue) {
              SemaphoreOperation b = p.blocking();
              n += b.number() == number && b.change() == 0 == forZero ? 1 : 0;
            }
          }
          return n;
        });
  }

  /** SETVAL; forgets what processes had to be undone with it. */
  public void setValue(int number, int value, int process) {
    ask(
        () -> {
          requireExisting();
          adjustments.values().forEach(a -> a[number] = 0);
          values[number] = value;
          processes[number] = process;
          changeTime = now();
          wakeUp();
        });
  }

  /** SETALL; as {@link #setValue}. */
  public void setValues(int[] all, int process) {
    ask(
        () -> {
          requireExisting();
          adjustments.clear();
          for (int n = 0; n < values.length; n++) {
            values[n] = all[n];
            processes[n] = process;
          }
          changeTime = now();
          wakeUp();
        });
  }

  /** IPC_SET. */
  public void change(Credentials who, int uid, int gid, int mode) {
    permission().requireOwner(who);
    ask(
        () -> {
          requireExisting();
          permission.set(permission().changed(uid, gid, mode));
          changeTime = now();
        });
  }
}
