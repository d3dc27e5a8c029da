package io.loomvisor.kernel.lock;

import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.FileDescription;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The locks of one file. Plain state of {@link FileLocks}; only {@link #released} may be used from
 * outside.
 */
public final class LockedFile {
  /** A lock of flock(2). */
  record WholeLock(FileDescription owner, boolean exclusive, int pid) {}

  private final FileKey key;
  private final WaitQueue released = new WaitQueue();

  final List<WholeLock> whole = new ArrayList<>();
  final Set<FileDescription> watched = Collections.newSetFromMap(new IdentityHashMap<>());
  private List<RecordLock> records = new ArrayList<>();

  /** Tasks that hold on to this object while they wait. */
  int users;

  LockedFile(FileKey key) {
    this.key = key;
  }

  FileKey key() {
    return key;
  }

  /** Notified (1) when a lock goes or shrinks. */
  public WaitQueue released() {
    return released;
  }

  boolean unused() {
    return users == 0 && whole.isEmpty() && records.isEmpty();
  }

  List<RecordLock> records() {
    return records;
  }

  int recordCount() {
    return records.size();
  }

  RecordLock conflict(RecordLock wanted) {
    for (RecordLock r : records) {
      if (r.conflicts(wanted)) {
        return r;
      }
    }
    return null;
  }

  /**
   * Enters {@code lock}: what its owner had in that range is replaced, neighbours of the same kind
   * are merged.
   */
  void set(RecordLock lock) {
    cut(lock.owner(), lock.start(), lock.end());
    RecordLock merged = lock;
    for (RecordLock r : List.copyOf(records)) {
      boolean touches =
          r.end() != Long.MAX_VALUE && r.end() + 1 == merged.start()
              || merged.end() != Long.MAX_VALUE && merged.end() + 1 == r.start();
      if (r.owner() == lock.owner() && r.exclusive() == lock.exclusive() && touches) {
        records.remove(r);
        merged =
            merged.withRange(Math.min(r.start(), merged.start()), Math.max(r.end(), merged.end()));
      }
    }
    records.add(merged);
  }

  /** Takes the range out of what {@code owner} holds; true if there was something. */
  boolean cut(Object owner, long start, long end) {
    List<RecordLock> left = new ArrayList<>(records.size() + 1);
    boolean changed = false;
    for (RecordLock r : records) {
      if (r.owner() != owner || !r.overlaps(start, end)) {
        left.add(r);
        continue;
      }
      changed = true;
      if (r.start() < start) {
        left.add(r.withRange(r.start(), start - 1));
      }
      if (r.end() > end) {
        left.add(r.withRange(end + 1, r.end()));
      }
    }
    records = left;
    return changed;
  }

  boolean drop(Predicate<RecordLock> unwanted) {
    return records.removeIf(unwanted);
  }
}
