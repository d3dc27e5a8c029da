package io.loomvisor.vfs;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The cached names of one directory. Every change counts {@link #changes} up within the compute
 * step of its name, so that a lookup which started before it cannot enter what it found. That a
 * name fades or is forgotten by {@link DentryCache} is no change: the file is as it was.
 */
final class DentryChildren {
  private final DentryCache cache;

  /** Values are {@link Dentry}s, absent ones among them, and {@link FadedDentry}s. */
  private final ConcurrentHashMap<String, Object> names = new ConcurrentHashMap<>(4);

  private final AtomicInteger changes = new AtomicInteger();

  DentryChildren(DentryCache cache) {
    this.cache = cache;
  }

  DentryCache keptBy() {
    return cache;
  }

  /** The child, one that {@link Dentry#isAbsent}, or null if nothing is cached. */
  Dentry get(String name) {
    Object o = names.get(name);
    return o instanceof Dentry d ? d : o == null ? null : revive(name, (FadedDentry) o);
  }

  /** A faded child is looked up: it is cached again, if it still exists. */
  private Dentry revive(String name, FadedDentry faded) {
    Dentry d = faded.get();
    if (d != null && names.replace(name, faded, d)) {
      cache.entered(d);
    }
    return d;
  }

  private static Dentry dentry(Object entry) {
    return entry instanceof FadedDentry f ? f.get() : (Dentry) entry;
  }

  /** The child that stands there; null if there is none or the name is absent. */
  private static Dentry present(Object entry) {
    Dentry d = dentry(entry);
    return d == null || d.isAbsent() ? null : d;
  }

  /** Null stays null. */
  private Dentry entered(Object entry) {
    if (!(entry instanceof Dentry d)) {
      return entry == null ? null : dentry(entry);
    }
    cache.entered(d);
    return d;
  }

  int changes() {
    return changes.get();
  }

  /** What is cached afterwards; null if a change came in between. */
  Dentry cache(Dentry directory, String name, Inode found, int seen) {
    Dentry[] result = new Dentry[1];
    Object now =
        names.compute(
            name,
            (k, old) -> {
              if (changes.get() != seen) {
                return old;
              }
              Dentry known = dentry(old);
              boolean same = known != null && (found == null || known.inode() == found);
              result[0] = same ? known : new Dentry(directory, name, found);
              return result[0];
            });
    entered(now);
    return changes.get() == seen ? result[0] : null;
  }

  /** As {@link #cache}, but nothing stands for a name that was not found. */
  Dentry check(Dentry directory, String name, Inode found, int seen) {
    return entered(
        names.compute(
            name,
            (k, old) -> {
              Dentry known = present(old);
              if (changes.get() != seen || known != null && known.isMountPoint()) {
                return old;
              }
              if (found == null) {
                return null;
              }
              return known != null && known.inode() == found
                  ? known
                  : new Dentry(directory, name, found);
            }));
  }

  void forgetOthers(Set<String> existing) {
    names
        .entrySet()
        .removeIf(
            e -> {
              Dentry d = present(e.getValue());
              return !existing.contains(e.getKey()) && (d == null || !d.isMountPoint());
            });
  }

  Dentry enter(Dentry child) {
    return entered(
        names.compute(
            child.name(),
            (k, old) -> {
              changes.incrementAndGet();
              Dentry known = present(old);
              return known == null ? child : known;
            }));
  }

  /**
   * The dentry of the file that has just been made. It is not cached if there has been a change
   * since {@code seen}, taken before it was made: that may have been the file's end.
   */
  Dentry created(Dentry directory, String name, Inode inode, int seen) {
    Dentry[] result = new Dentry[1];
    Object now =
        names.compute(
            name,
            (k, old) -> {
              Dentry known = present(old);
              boolean mine = known != null && known.inode() == inode;
              result[0] = mine ? known : new Dentry(directory, name, inode);
              if (changes.getAndIncrement() == seen) {
                return result[0];
              }
              return mine ? known : null;
            });
    entered(now);
    return result[0];
  }

  /** Takes the name out and returns what was cached, null for nothing or an absent name. */
  Dentry take(String name) {
    Dentry[] taken = new Dentry[1];
    names.compute(
        name,
        (k, old) -> {
          changes.incrementAndGet();
          taken[0] = present(old);
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
    Object now =
        names.compute(
            name,
            (k, old) -> {
              if (changes.getAndIncrement() != seen) {
                return null;
              }
              replaced[0] = present(old);
              return child;
            });
    entered(now);
    return replaced[0];
  }

  /** {@code child}, called so, is no longer cached: only its users keep it. */
  void fade(String name, Dentry child) {
    FadedDentry faded = child.isAbsent() ? null : new FadedDentry(child, this, name, cache);
    names.computeIfPresent(name, (k, old) -> old == child ? faded : old);
  }

  void forget(String name, FadedDentry faded) {
    names.remove(name, faded);
  }

  /** Names that there is an entry for, faded ones included. */
  int size() {
    return names.size();
  }
}
