package io.loomvisor.vfs;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Set;

/**
 * A name in a directory and the inode it leads to (Linux: struct dentry). The walk reads the tree
 * from any thread; the VFS changes it together with the file system: a dentry is entered, moved or
 * dropped right after the inode operation it mirrors. A dropped dentry stays valid for those who
 * hold it.
 *
 * <p>Lookups race with such changes. So a lookup first takes {@link #changes}, asks the file
 * system, and caches the answer with {@link #cache}, which refuses it if this directory has changed
 * in between. Names known not to exist are kept too. {@link DentryCache} bounds how many names are
 * kept that nobody uses.
 */
public final class Dentry {
  private static final VarHandle CHILDREN;
  private static final VarHandle MOUNTS;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      CHILDREN = lookup.findVarHandle(Dentry.class, "children", DentryChildren.class);
      MOUNTS = lookup.findVarHandle(Dentry.class, "mounts", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Inode inode;
  private volatile Dentry parent;
  private volatile String name;
  private volatile boolean deleted;

  /** Null until the first child is cached. */
  private volatile DentryChildren children;

  /** How many mounts, in all namespaces, lie on this dentry. */
  private volatile int mounts;

  /** It is one of those that {@link DentryCache} keeps, which writes it. */
  private volatile boolean cached;

  /**
   * A walk has found it since the cache last asked. Neither volatile nor exact: it decides only
   * what is forgotten first.
   */
  private boolean used;

  /**
   * The root of a file system ({@code parent} null, name empty) or a child; one without an inode
   * stands in its directory for a name that does not exist, and nobody else has it.
   */
  public Dentry(Dentry parent, String name, Inode inode) {
    this.parent = parent;
    this.name = name;
    this.inode = inode;
  }

  public Inode inode() {
    return inode;
  }

  /** The parent; null for the root of a file system. */
  public Dentry parent() {
    return parent;
  }

  public String name() {
    return name;
  }

  /** It was unlinked: "/proc/self/fd" shows " (deleted)". */
  public boolean deleted() {
    return deleted;
  }

  /** Whether something is mounted here in any namespace. */
  public boolean isMountPoint() {
    return mounts != 0;
  }

  /**
   * Counts a mount here more ({@code +1}) or less ({@code -1}). A mount point stays cached in its
   * parent.
   */
  public void countMount(int delta) {
    MOUNTS.getAndAdd(this, delta);
    Dentry p = parent;
    if (delta > 0 && p != null) {
      p.enter(this);
    }
  }

  /** The cached child; null if there is none or it is known to be absent. */
  public Dentry child(String childName) {
    Dentry d = use(childName);
    return d == null || d.inode == null ? null : d;
  }

  private Dentry use(String childName) {
    DentryChildren c = children;
    Dentry d = c == null ? null : c.get(childName);
    if (d != null && !d.used) {
      d.used = true;
    }
    return d;
  }

  /** Whether {@code childName} is known not to exist. */
  public boolean knownAbsent(String childName) {
    Dentry d = use(childName);
    return d != null && d.inode == null;
  }

  boolean isAbsent() {
    return inode == null;
  }

  // For DentryCache.

  /** For tests: what is found below this root is kept by {@code cache}. */
  DentryChildren keepNamesBelow(DentryCache cache) {
    children = new DentryChildren(cache);
    return children;
  }

  boolean cached() {
    return cached;
  }

  void setCached(boolean now) {
    cached = now;
  }

  /** Whether it has been used since this was asked last. */
  boolean takeUsed() {
    boolean was = used;
    used = false;
    return was;
  }

  /** It is no longer cached. */
  void fade() {
    Dentry p = parent;
    DentryChildren siblings = p == null ? null : p.children;
    if (siblings != null) {
      siblings.fade(name, this);
    }
  }

  /** The number of changes of this directory so far, for {@link #cache}. */
  public int changes() {
    return map().changes();
  }

  /**
   * Caches what a lookup found ({@code found} null: nothing), unless this directory has changed
   * since {@link #changes} returned {@code seen}.
   *
   * @return the dentry cached under the name, or null if it is absent
   * @throws ChangedException if the answer may be stale: look up again
   */
  public Dentry cache(String childName, Inode found, int seen) throws ChangedException {
    Dentry now = map().cache(this, childName, found, seen);
    if (now == null) {
      throw ChangedException.INSTANCE;
    }
    return now.inode == null ? null : now;
  }

  /**
   * As {@link #cache} in a directory whose names are {@link NameCaching#CHECKED}: that a name is
   * absent is not kept, and a dentry that leads elsewhere now counts as deleted.
   */
  public Dentry check(String childName, Inode found, int seen) throws ChangedException {
    Dentry before = child(childName);
    if (before != null && before.inode == found) {
      return before;
    }
    if (before == null && found == null) {
      return null;
    }
    Dentry now = map().check(this, childName, found, seen);
    if (now == null && found != null || changes() != seen) {
      throw ChangedException.INSTANCE;
    }
    if (before != null && before != now) {
      before.deleted = true;
    }
    return now;
  }

  /** Forgets the cached names that are not in {@code existing}, mount points excepted. */
  public void forgetOthers(Set<String> existing) {
    DentryChildren c = children;
    if (c != null) {
      c.forgetOthers(existing);
    }
  }

  /**
   * Caches {@code child} under its name unless there is one already; returns the one that is there.
   */
  public Dentry enter(Dentry child) {
    return map().enter(child);
  }

  /**
   * Caches the name that has just been created; returns the dentry to use for it.
   *
   * @param seen {@link #changes} before it was created: a change since then may have taken it away
   *     again, and then it is not cached
   */
  public Dentry created(String childName, Inode child, int seen) {
    return map().created(this, childName, child, seen);
  }

  /** Forgets the child because it was unlinked or replaced. */
  public void drop(String childName) {
    Dentry gone = map().take(childName);
    if (gone != null) {
      gone.deleted = true;
    }
  }

  /**
   * As {@link #drop(String)} where the caller knows what was removed; anything else cached there is
   * only forgotten.
   */
  public void drop(String childName, Dentry removed) {
    map().take(childName);
    removed.deleted = true;
  }

  /** Forgets what is cached under the name, so that the next walk asks the file system. */
  public void forget(String childName) {
    map().take(childName);
  }

  /**
   * This dentry stands for a file without a name (O_TMPFILE): it counts as deleted and is not
   * cached.
   */
  public void markUnnamed() {
    deleted = true;
  }

  /**
   * Moves the cached child to its new place after a rename; what was cached there is dropped. The
   * file system has done renames to one name in some order, and nothing says that they come here in
   * the same. So who finds that the new parent has changed since before its own rename only forgets
   * the name.
   *
   * @param seen {@code newParent.changes()} before the file system's rename
   */
  public void move(String childName, Dentry newParent, String newName, int seen) {
    Dentry moved = map().take(childName);
    int expected = newParent == this ? seen + 1 : seen;
    place(moved, newParent, newName, expected);
  }

  private static void place(Dentry moved, Dentry newParent, String newName, int expected) {
    if (moved != null) {
      moved.parent = newParent;
      moved.name = newName;
    }
    Dentry gone = newParent.map().replace(newName, moved, expected);
    if (gone != null) {
      gone.deleted = true;
    }
  }

  /**
   * Swaps two cached children after a rename with RENAME_EXCHANGE; see {@link #move} for what races
   * with it.
   *
   * @param seen {@code changes()} before the file system's rename
   * @param otherSeen {@code otherParent.changes()} likewise
   */
  public void exchange(
      String childName, int seen, Dentry otherParent, String otherName, int otherSeen) {
    Dentry mine = map().take(childName);
    Dentry theirs = otherParent.map().take(otherName);
    boolean same = otherParent == this;
    place(theirs, this, childName, same ? seen + 2 : seen + 1);
    place(mine, otherParent, otherName, same ? otherSeen + 3 : otherSeen + 1);
  }

  private DentryChildren map() {
    DentryChildren c = children;
    if (c != null) {
      return c;
    }
    Dentry p = parent;
    DentryChildren fresh = new DentryChildren(p == null ? DentryCache.SHARED : p.map().keptBy());
    return CHILDREN.compareAndSet(this, null, fresh) ? fresh : children;
  }

  /** The directory changed during a lookup. */
  public static final class ChangedException extends Exception {
    private static final long serialVersionUID = 1L;
    static final ChangedException INSTANCE = new ChangedException();

    private ChangedException() {
      super("directory changed during lookup", null, false, false);
    }
  }
}
