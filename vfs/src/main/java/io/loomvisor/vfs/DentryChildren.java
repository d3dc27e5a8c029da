package io.loomvisor.vfs;

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

  Dentry enter(Dentry child) {
    return names.compute(
        child.name(),
        (k, old) -> {
          changes.incrementAndGet();
          return old == null || old == ABSENT ? child : old;
        });
  }

  Dentry created(Dentry directory, String name, Inode inode) {
    return names.compute(
        name,
        (k, old) -> {
          changes.incrementAndGet();
          return old != null && old.inode() == inode ? old : new Dentry(directory, name, inode);
        });
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

  void put(String name, Dentry child) {
    names.compute(
        name,
        (k, old) -> {
          changes.incrementAndGet();
          return child;
        });
  }
}
