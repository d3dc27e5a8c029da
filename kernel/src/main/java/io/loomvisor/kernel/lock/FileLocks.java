package io.loomvisor.kernel.lock;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.proc.SystemView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * All advisory locks of the sandbox. Nothing here waits: a task that must wait pins the file, waits
 * on its queue and tries again. Asks nobody but wait queues.
 */
public final class FileLocks extends Actor {
  /** Record locks in the sandbox; ENOLCK beyond. */
  static final int MAX_RECORDS = 1 << 20;

  private final Map<FileKey, LockedFile> files = new HashMap<>();

  /** Which owner waits for which other one: for deadlock detection, process-owned locks only. */
  private final Map<Object, Object> waitsFor = new IdentityHashMap<>();

  /** Published so that close(2) can pass by when there is no record lock anywhere. */
  private volatile int recordCount;

  public FileLocks() {
    super(Rank.INODE);
  }

  /** Whether close(2) has to look for record locks at all. */
  public boolean anyRecordLocks() {
    return recordCount != 0;
  }

  /** The lock that stands in the way of {@code wanted} (F_GETLK), or null. */
  public RecordLock test(FileKey key, RecordLock wanted) {
    return ask(
        () -> {
          LockedFile f = files.get(key);
          return f == null ? null : f.conflict(wanted);
        });
  }

  /**
   * Sets a lock; false if another one stands in the way.
   *
   * @param willWait the caller is about to wait if refused: EDEADLK if that closes a circle of
   *     process-owned locks
   */
  public boolean lock(FileKey key, RecordLock wanted, boolean willWait) {
    LockedFile[] changed = new LockedFile[1];
    boolean done = ask(() -> tryLock(key, wanted, willWait, changed));
    if (done) {
      watch(changed[0], wanted.via());
      changed[0].released().notifyEvents(1); // A downgrade may let others in.
    }
    return done;
  }

  private boolean tryLock(FileKey key, RecordLock wanted, boolean willWait, LockedFile[] changed) {
    LockedFile f = files.computeIfAbsent(key, LockedFile::new);
    RecordLock conflict = f.conflict(wanted);
    if (conflict == null) {
      if (recordCount >= MAX_RECORDS) {
        throw Errno.ENOLCK.exception();
      }
      waitsFor.remove(wanted.owner());
      int before = f.recordCount();
      f.set(wanted);
      recordCount += f.recordCount() - before;
      changed[0] = f;
      return true;
    }
    if (willWait && wanted.pid() >= 0) {
      for (Object o = conflict.owner(); o != null; o = waitsFor.get(o)) {
        if (o == wanted.owner()) {
          throw Errno.EDEADLK.exception();
        }
      }
      waitsFor.put(wanted.owner(), conflict.owner());
    }
    return false;
  }

  /** The wait of {@code owner} has ended without a lock. */
  public void stopWaiting(Object owner) {
    ask(() -> waitsFor.remove(owner));
  }

  /** F_UNLCK. */
  public void unlock(FileKey key, Object owner, long start, long end) {
    change(key, f -> f.cut(owner, start, end));
  }

  /**
   * close(2): every record lock of {@code owner} on the file goes, whichever descriptor it was set
   * through.
   */
  public void closed(FileKey key, Object owner) {
    change(key, f -> f.drop(r -> r.owner() == owner));
  }

  /** A process has ended or given its descriptor table up. */
  public void ownerGone(Object owner) {
    if (!anyRecordLocks()) {
      return;
    }
    List<FileKey> keys = ask(() -> List.copyOf(files.keySet()));
    keys.forEach(k -> closed(k, owner));
  }

  /**
   * flock(2): false if another description's lock stands in the way. An old lock of this
   * description is given up first.
   *
   * @param pid whom /proc/locks names
   */
  public boolean lockWhole(FileKey key, FileDescription owner, boolean exclusive, int pid) {
    LockedFile[] file = new LockedFile[1];
    boolean done =
        ask(
            () -> {
              LockedFile f = files.computeIfAbsent(key, LockedFile::new);
              file[0] = f;
              LockedFile.WholeLock wanted = new LockedFile.WholeLock(owner, exclusive, pid);
              if (f.whole.stream()
                  .anyMatch(l -> l.owner() == owner && l.exclusive() == exclusive)) {
                return true;
              }
              f.whole.removeIf(l -> l.owner() == owner);
              if (f.whole.stream().anyMatch(l -> l.exclusive() || exclusive)) {
                return false;
              }
              f.whole.add(wanted);
              return true;
            });
    file[0].released().notifyEvents(1);
    if (done) {
      watch(file[0], owner);
    } else {
      change(key, f -> false);
    }
    return done;
  }

  /** All locks of the sandbox, for /proc/locks. */
  public List<SystemView.FileLock> report() {
    return ask(
        () -> {
          List<SystemView.FileLock> all = new ArrayList<>();
          files.forEach((key, f) -> report(key, f, all));
          return all;
        });
  }

  private static void report(FileKey key, LockedFile f, List<SystemView.FileLock> all) {
    for (LockedFile.WholeLock l : f.whole) {
      all.add(
          new SystemView.FileLock(
              "FLOCK", l.exclusive(), l.pid(), key.device(), key.inode(), 0, Long.MAX_VALUE));
    }
    for (RecordLock r : f.records()) {
      String kind = r.pid() == -1 ? "OFDLCK" : "POSIX";
      all.add(
          new SystemView.FileLock(
              kind, r.exclusive(), r.pid(), key.device(), key.inode(), r.start(), r.end()));
    }
  }

  /** flock(2), LOCK_UN. */
  public void unlockWhole(FileKey key, FileDescription owner) {
    change(key, f -> f.whole.removeIf(l -> l.owner() == owner));
  }

  /** Keeps the file's queue while the caller waits on it; paired with {@link #unpin}. */
  public LockedFile pin(FileKey key) {
    return ask(
        () -> {
          LockedFile f = files.computeIfAbsent(key, LockedFile::new);
          f.users++;
          return f;
        });
  }

  public void unpin(LockedFile file) {
    ask(
        () -> {
          file.users--;
          forgetIfUnused(file);
        });
  }

  private void watch(LockedFile file, FileDescription description) {
    if (ask(() -> file.watched.add(description))
        && !description.onLastRelease(() -> descriptionGone(file, description))) {
      descriptionGone(file, description);
    }
  }

  private void descriptionGone(LockedFile file, FileDescription description) {
    ask(() -> file.watched.remove(description));
    change(
        file.key(),
        f -> f.whole.removeIf(l -> l.owner() == description) | f.drop(r -> r.via() == description));
  }

  private void change(FileKey key, Predicate<LockedFile> action) {
    LockedFile changed =
        ask(
            () -> {
              LockedFile f = files.get(key);
              if (f == null) {
                return null;
              }
              int before = f.recordCount();
              boolean any = action.test(f);
              recordCount += f.recordCount() - before;
              forgetIfUnused(f);
              return any ? f : null;
            });
    if (changed != null) {
      changed.released().notifyEvents(1);
    }
  }

  private void forgetIfUnused(LockedFile file) {
    if (file.unused() && file.watched.isEmpty()) {
      files.remove(file.key(), file);
    }
  }
}
