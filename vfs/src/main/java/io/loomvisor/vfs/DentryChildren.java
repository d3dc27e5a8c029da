package io.loomvisor.vfs;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The cached names of one directory. Every change counts {@link #changes} up within the compute
 * step of its name, so that a lookup which started before it cannot enter what it found.
 */
final class DentryChildren {
  /** Absent names kept per directory; beyond it all of them are forgotten. */
  static final int MAX_ABSENT = 1024;

  /** Stands for a name that does not exist. */
  static final Dentry ABSENT = new Dentry(null, "", null);

  private final ConcurrentHashMap<String, Dentry> names = new ConcurrentHashMap<>(4);
  private final AtomicInteger changes = new AtomicInteger();

  /** Entries that are {@link #ABSENT}, never too few. */
  private final AtomicInteger absent = new AtomicInteger();

  /** The child, {@link #ABSENT}, or null if nothing is cached. */
  Dentry get(String name) {
    return names.get(name);
  }

  int changes() {
    return changes.get();
  }

  /** What is cached afterwards; null if a change came in between. */
  Dentry cache(Dentry directory, String name, Inode found, int seen) {
    Dentry now =
        names.compute(
            name,
            (k, old) -> {
              if (changes.get() != seen) {
                return old;
              }
              if (found == null) {
                return old == null ? ABSENT : old;
              }
              return old != null && old.inode() == found ? old : new Dentry(directory, name, found);
            });
    if (changes.get() != seen) {
      return null;
    }
    if (now == ABSENT && absent.incrementAndGet() > MAX_ABSENT) {
      absent.set(0);
      names.values().removeIf(d -> d == ABSENT);
    }
    return now;
  }

  /** As {@link #cache}, but nothing stands for a name that was not found. */
  Dentry check(Dentry directory, String name, Inode found, int seen) {
    return names.compute(
        name,
        (k, old) -> {
          if (changes.get() != seen || old != null && old.isMountPoint()) {
            return old;
          }
          if (found == null) {
            return null;
          }
          return old != null && old.inode() == found ? old : new Dentry(directory, name, found);
        });
  }

  void forgetOthers(Set<String> existing) {
    names.values().removeIf(d -> !existing.contains(d.name()) && !d.isMountPoint());
  }

  Dentry enter(Dentry child) {
    return names.compute(
        child.name(),
        (k, old) -> {
          changes.incrementAndGet();
          return old == null || old == ABSENT ? child : old;
        });
  }

  /**
   * The dentry of the file that has just been made. It is not cached if there has been a change
   * since {@code seen}, taken before it was made: that may have been the file's end.
   */
  Dentry created(Dentry directory, String name, Inode inode, int seen) {
    Dentry[] result = new Dentry[1];
    names.compute(
        name,
        (k, old) -> {
          boolean mine = old != null && old.inode() == inode;
          result[0] = mine ? old : new Dentry(directory, name, inode);
          if (changes.getAndIncrement() == seen) {
            return result[0];
          }
          return mine ? old : null;
        });
    return result[0];
  }

  /** Takes the name out and returns what was cached, null for nothing or {@link #ABSENT}. */
  Dentry take(String name) {
    Dentry[] taken = new Dentry[1];
    names.compute(
        name,
        (k, old) -> {
          changes.incrementAndGet();
          taken[0] = old == ABSENT ? null : old;
          return null;
        });
    return taken[0];
  }

  /**
   * Caches {@code child} (null: nothing) in place of what is there, if nothing has changed since
   * {@code seen}; else forgets the name. Returns what was there, null if there was nothing or
   * something else has changed.
   */
  Dentry replace(String name, Dentry child, int seen) {
    Dentry[] replaced = new Dentry[1];
    names.compute(
        name,
        (k, old) -> {
          if (changes.getAndIncrement() != seen) {
            return null;
          }
          replaced[0] = old == ABSENT ? null : old;
          return child;
        });
    return replaced[0];
  }
}
