package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.wire.DirectoryEntry;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** A directory of the host. Its operations that change names are in {@link NameChanges}. */
final class GoferDirectory extends GoferInode {
  /** Result of {@link #giveFid}: it is or was in use, ask again later. */
  static final int IN_USE = -1;

  /** Result of {@link #giveFid}: it has none. */
  static final int NONE = 0;

  /** After so many names that were not there the directory is listed: the next ones cost no message. */
  private static final int MISSES_BEFORE_LISTING = 3;

  /** A directory with more entries than this is not kept as a set of names. */
  private static final int MOST_NAMES_KEPT = 20_000;

  /** How often a lookup starts over because the directory has changed, before it is done in the actor. */
  private static final int PATIENCE = 3;

  /** In {@link #fidUsers}: the fid is being given back. */
  private static final int GIVING = -1;

  /** What a walk found; {@code fid} is bound to it if it is a directory. */
  private record Found(FileStat stat, int fid, String target) {}

  /** The fid, 0 while there is none. It changes only while {@link #fidUsers} keeps others away, or from 0. */
  private final AtomicInteger fid;

  /** Requests that use the fid now, or {@link #GIVING}. */
  private final AtomicInteger fidUsers = new AtomicInteger();

  private volatile boolean usedOfLate;
  private final AtomicInteger misses = new AtomicInteger();

  /** Children that were found; the file system's actor's. */
  private final Map<String, GoferInode> children = new HashMap<>();

  /** Counts changes of names; written in the file system's actor. */
  private volatile int changes;

  /** Every name in it; null until it was listed. Changed in the file system's actor. */
  private volatile Set<String> listed;

  /** It was removed; set in the file system's actor. */
  private volatile boolean removed;

  GoferDirectory(GoferFilesystem filesystem, FileStat stat, int fid) {
    super(filesystem, stat);
    this.fid = new AtomicInteger(fid);
  }

  // The fid.

  /** Calls {@code use} with the fid, which stays bound until it returns. ESTALE if the directory is not where it was. */
  <R> R with(IntFunction<R> use) {
    hold();
    try {
      int f = fid.get();
      return use.apply(f != 0 ? f : rebind());
    } finally {
      usedOfLate = true;
      fidUsers.decrementAndGet();
    }
  }

  private void hold() {
    for (; ; ) {
      int n = fidUsers.get();
      if (n == GIVING) {
        Thread.onSpinWait(); // the other one only stores two fields
      } else if (fidUsers.compareAndSet(n, n + 1)) {
        return;
      }
    }
  }

  /** Takes the fid away if nobody uses it and nobody has since this was asked last; {@link #IN_USE}, {@link #NONE}. */
  int giveFid() {
    if (usedOfLate || names().isEmpty() && !removed) {
      usedOfLate = false;
      return IN_USE;
    }
    if (!fidUsers.compareAndSet(0, GIVING)) {
      return IN_USE;
    }
    int f = fid.getAndSet(0);
    fidUsers.set(0);
    return f;
  }

  /** Walks here again from the parent. */
  private int rebind() {
    Name n = name();
    int newFid = fs().client().newFid();
    Reply.Walked walked =
        n.directory().with(f -> fs().client().ask(new Request.Walk(f, newFid, List.of(n.name())), Reply.Walked.class));
    boolean same =
        walked.stopped() == null
            && walked.found().size() == 1
            && HostFile.of(walked.found().getFirst()).equals(identity())
            && FileMode.isDirectory(walked.found().getFirst().mode());
    if (!same) {
      fs().fids().clunk(newFid);
      throw Errno.ESTALE.exception();
    }
    if (fid.compareAndSet(0, newFid)) {
      fs().fids().bound(this);
      return newFid;
    }
    fs().fids().clunk(newFid);
    return fid.get();
  }

  // Attributes.

  @Override
  <R> R namedHeld(Question<R> question) {
    return with(f -> question.ask(f, ""));
  }

  @Override
  FileStat refreshed() {
    if (removed) {
      return host();
    }
    return with(f -> fs().client().ask(new Request.GetAttributes(f, ""), Reply.Attributes.class).stat());
  }

  // Finding.

  @Override
  public Inode lookup(String name) {
    Set<String> all = listed;
    if (removed || all != null && !all.contains(name)) {
      return null;
    }
    GoferInode known = fs().call(() -> children.get(name));
    if (known != null) {
      return known;
    }
    for (int tries = 0; tries < PATIENCE; tries++) {
      int seen = changes;
      Found found = walk(name);
      if (found == null) {
        missed();
        return null;
      }
      GoferInode child = fs().call(() -> changes == seen ? enter(name, found) : null);
      if (child != null) {
        return child;
      }
      giveBack(found);
    }
    return fs().call(() -> lookupHeld(name));
  }

  /** In the file system's actor. */
  GoferInode lookupHeld(String name) {
    GoferInode known = children.get(name);
    if (known != null || removed) {
      return known;
    }
    Found found = walk(name);
    return found == null ? null : enter(name, found);
  }

  private Found walk(String name) {
    int newFid = fs().client().newFid();
    Reply.Walked walked =
        with(f -> fs().client().ask(new Request.Walk(f, newFid, List.of(name)), Reply.Walked.class));
    if (walked.stopped() == Errno.ENOENT) {
      return null;
    }
    if (walked.stopped() != null) {
      throw walked.stopped().exception();
    }
    if (walked.found().size() != 1) {
      throw Errno.EIO.exception();
    }
    return new Found(walked.found().getFirst(), newFid, walked.target());
  }

  private void giveBack(Found found) {
    if (FileMode.isDirectory(found.stat.mode())) {
      fs().fids().clunk(found.fid);
    }
  }

  private GoferInode enter(String name, Found found) {
    GoferInode child = fs().inode(found.stat, found.fid, found.target);
    adopt(name, child);
    if (child instanceof GoferDirectory d) {
      if (d.fid.get() == found.fid) {
        fs().fids().bound(d);
      } else {
        fs().fids().clunk(found.fid);
      }
    }
    return child;
  }

  private void missed() {
    if (misses.incrementAndGet() == MISSES_BEFORE_LISTING) {
      int seen = changes;
      List<DirectoryEntry> entries = entries(MOST_NAMES_KEPT);
      if (entries.size() < MOST_NAMES_KEPT) {
        Set<String> all = ConcurrentHashMap.newKeySet(entries.size());
        entries.forEach(e -> all.add(e.name()));
        fs().run(() -> listed = changes == seen ? all : null);
      }
    }
  }

  /** The entries, without "." and "..", until there are {@code atLeast}. */
  List<DirectoryEntry> entries(int atLeast) {
    List<DirectoryEntry> all = new ArrayList<>();
    if (removed) {
      return all;
    }
    long offset = 0;
    boolean end = false;
    while (!end && all.size() < atLeast) {
      long from = offset;
      Reply.Entries batch =
          with(f -> fs().client().ask(new Request.ReadDirectory(f, from, false), Reply.Entries.class));
      end = batch.end() || batch.entries().isEmpty();
      offset = batch.next();
      all.addAll(batch.entries());
    }
    return all;
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    return new GoferDirectoryDescription(this, path, flags);
  }

  /** The inode number to show for an entry. */
  long number(DirectoryEntry e) {
    return fs().number(host().dev(), e.ino());
  }

  // Names; all in the file system's actor.

  GoferInode child(String name) {
    return children.get(name);
  }

  /** The host has {@code child} under {@code name} here. */
  void adopt(String name, GoferInode child) {
    children.put(name, child);
    child.gainName(new Name(this, name));
    Set<String> all = listed;
    if (all != null) {
      all.add(name);
    }
  }

  /** The host has nothing called {@code name} here any more. */
  void release(String name) {
    GoferInode child = children.remove(name);
    if (child != null) {
      child.loseName(new Name(this, name));
    }
    Set<String> all = listed;
    if (all != null) {
      all.remove(name);
    }
  }

  /** A name has changed here, or may have. */
  void countChange() {
    changes++;
    touched();
  }

  /** ENOENT if it was removed itself. */
  void checkAlive() {
    if (removed) {
      throw Errno.ENOENT.exception();
    }
  }

  void setRemoved() {
    removed = true;
    addLinks(-2);
  }

  boolean removed() {
    return removed;
  }

  // Changing names.

  @Override
  public Inode create(String name, int mode, long rdev, Credentials owner) {
    return new NameChanges(this).create(name, mode, owner);
  }

  @Override
  public Inode makeDirectory(String name, int mode, Credentials owner) {
    return new NameChanges(this).makeDirectory(name, mode, owner);
  }

  @Override
  public Inode makeSymlink(String name, String target, Credentials owner) {
    return new NameChanges(this).makeSymlink(name, target, owner);
  }

  @Override
  public void link(String name, Inode existing) {
    new NameChanges(this).link(name, existing);
  }

  @Override
  public void unlink(String name) {
    new NameChanges(this).remove(name, false);
  }

  @Override
  public void removeDirectory(String name) {
    new NameChanges(this).remove(name, true);
  }

  @Override
  public void rename(String oldName, Inode newParent, String newName, int flags) {
    new NameChanges(this).rename(oldName, newParent, newName, flags);
  }
}
