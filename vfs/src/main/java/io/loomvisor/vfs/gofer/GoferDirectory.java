package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.wire.Detail;
import io.loomvisor.gofer.wire.DirectoryEntry;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.NameCaching;
import io.loomvisor.vfs.NamesAhead;
import io.loomvisor.vfs.VfsPath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** A directory of the host. Its operations that change names are in {@link NameChanges}. */
final class GoferDirectory extends GoferInode {
  /**
   * After so many names that were not there the directory is listed: the next ones cost no message.
   */
  private static final int MISSES_BEFORE_LISTING = 3;

  private static final int DT_DIR = FileMode.direntType(FileMode.S_IFDIR);

  /** A listing with more entries is taken for one that never ends. */
  private static final int MOST_ENTRIES = 8 << 20;

  /**
   * After so many names that were there the attributes of a batch of entries are asked for in
   * advance.
   */
  private static final int HITS_BEFORE_LISTING = 16;

  /** The same in a directory that was listed. */
  private static final int HITS_AFTER_LISTING = 4;

  /** A listing brings the attributes of not many more entries than this. */
  private static final int MOST_WITH_ATTRIBUTES = 4000;

  /**
   * How often a lookup starts over because the directory has changed, before it is done in the
   * actor.
   */
  private static final int PATIENCE = 3;

  /** Result of {@link #answerAlready}: there is nothing of that name. */
  private static final Object NOTHING = new Object();

  /** What a walk found; {@code fid}, unless 0, is bound to it if it is a directory. */
  private record Found(FileStat stat, int fid, String target) {}

  private final DirectoryFid fid;
  private final AtomicInteger misses = new AtomicInteger();

  private final KnownNames known = new KnownNames();

  /** Counts changes of names; written in the file system's actor. */
  private volatile int changes;

  /** Lookups that needed a message and found something. */
  private final AtomicInteger hits = new AtomicInteger();

  /** It was removed; set in the file system's actor. */
  private volatile boolean removed;

  GoferDirectory(GoferFilesystem filesystem, FileStat stat, int fid) {
    super(filesystem, stat);
    this.fid = new DirectoryFid(this, fid);
  }

  /**
   * Calls {@code use} with the fid, which stays bound until it returns. ESTALE if the directory is
   * not where it was.
   */
  <R> R with(IntFunction<R> use) {
    return fid.with(use);
  }

  DirectoryFid fid() {
    return fid;
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
    return with(
        f -> fs().client().ask(new Request.GetAttributes(f, ""), Reply.Attributes.class).stat());
  }

  // Finding.

  @Override
  public Inode lookup(String name) {
    if (fs().shared()) {
      return removed ? null : new SharedNames(this).lookup(name);
    }
    if (removed || known.exclude(name)) {
      return null;
    }
    Object answer = fs().call(() -> answerAlready(name));
    if (answer != null) {
      return answer == NOTHING ? null : (GoferInode) answer;
    }
    for (int tries = 0; tries < PATIENCE; tries++) {
      int seen = changes;
      int collections = fs().collections();
      Found found = walk(name);
      if (found == null) {
        missed();
        return null;
      }
      GoferInode child =
          fs().call(
                  () ->
                      changes == seen && fs().collections() == collections
                          ? enter(name, found)
                          : null);
      if (child != null) {
        hit(found.stat);
        return child;
      }
      giveBack(found);
    }
    return fs().call(() -> lookupHeld(name));
  }

  /**
   * The name's inode or {@link #NOTHING} if that takes no message, else null. In the file system's
   * actor.
   */
  private Object answerAlready(String name) {
    GoferInode child = known.child(name);
    if (child != null) {
      return child;
    }
    DirectoryEntry entry = known.takeForeseen(name);
    if (entry != null) {
      lookedAt(entry.stat());
      return enter(name, new Found(entry.stat(), 0, entry.target()));
    }
    return known.takeMissing(name) ? NOTHING : null;
  }

  @Override
  public NameCaching nameCaching() {
    return fs().shared() ? NameCaching.CHECKED : NameCaching.KEPT;
  }

  @Override
  public NamesAhead expect(List<String> path) {
    if (fs().shared()) {
      return removed ? NamesAhead.UNKNOWN : new SharedNames(this).look(path);
    }
    expectKept(path);
    return NamesAhead.UNKNOWN;
  }

  private void expectKept(List<String> path) {
    if (path.size() > 1 && !removed) {
      GoferDirectory from = this;
      int passed = 0;
      while (passed < path.size() - 1) {
        GoferDirectory at = from;
        String name = path.get(passed);
        GoferInode child = fs().call(() -> at.known.child(name));
        if (!(child instanceof GoferDirectory d)) {
          break;
        }
        from = d;
        passed++;
      }
      from.expectUnknown(path.subList(passed, path.size()));
    }
  }

  private void expectUnknown(List<String> path) {
    if (path.size() < 2 || removed || known.exclude(path.getFirst())) {
      return;
    }
    int seen = fs().changes();
    int newFid = fs().client().newFids(path.size());
    Reply.Walked walked;
    try {
      walked = ask(newFid, path);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EBADF) {
        return; // a fid was bound, see newFids; the lookups ask with others
      }
      throw e;
    }
    if (walked.found().size() > path.size()) {
      throw Errno.EIO.exception();
    }
    fs().run(() -> enterPath(path, walked, newFid, fs().changes() == seen));
  }

  /** In the file system's actor; {@code current}: no name has changed since the gofer was asked. */
  private void enterPath(List<String> path, Reply.Walked walked, int newFid, boolean current) {
    GoferDirectory at = this;
    int count = walked.found().size();
    for (int i = 0; i < count; i++) {
      Found found =
          new Found(walked.found().get(i), newFid + i, i == count - 1 ? walked.target() : null);
      GoferInode child = at == null ? null : at.known.child(path.get(i));
      if (!current
          || at == null
          || child != null && !child.identity().equals(HostFile.of(found.stat))) {
        giveBack(found);
        at = null;
        continue;
      }
      at = at.enter(path.get(i), found) instanceof GoferDirectory d ? d : null;
    }
    if (current && at != null && walked.stopped() == Errno.ENOENT && count < path.size()) {
      at.known.setMissing(path.get(count));
    }
  }

  /** In the file system's actor. */
  GoferInode lookupHeld(String name) {
    if (fs().shared()) {
      return removed ? null : new SharedNames(this).lookupHeld(name);
    }
    GoferInode child = known.child(name);
    if (child != null || removed) {
      return child;
    }
    Found found = walk(name);
    return found == null ? null : enter(name, found);
  }

  private Found walk(String name) {
    int newFid = fs().client().newFid();
    Reply.Walked walked;
    try {
      walked = ask(newFid, List.of(name));
    } catch (LinuxException e) {
      if (e.errno() != Errno.EBADF) {
        throw e;
      }
      newFid = fs().client().newFid(); // the other one was bound, see newFids
      walked = ask(newFid, List.of(name));
    }
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

  private Reply.Walked ask(int newFid, List<String> path) {
    return with(f -> fs().client().ask(new Request.Walk(f, newFid, path), Reply.Walked.class));
  }

  private void giveBack(Found found) {
    if (FileMode.isDirectory(found.stat.mode()) && found.fid != 0) {
      fs().fids().clunk(found.fid);
    }
  }

  private GoferInode enter(String name, Found found) {
    GoferInode child = fs().inode(found.stat, found.fid, found.target);
    adopt(name, child);
    if (child instanceof GoferDirectory d && found.fid != 0) {
      d.fid.offer(found.fid);
    }
    return child;
  }

  /** In the file system's actor. */
  private void lookedAt(FileStat stat) {
    if (!FileMode.isDirectory(stat.mode()) && known.takeUnlooked()) {
      fs().forecast().lookedAt();
    }
  }

  private void missed() {
    if (misses.incrementAndGet() >= MISSES_BEFORE_LISTING && !known.tooMany()) {
      misses.set(0);
      int seen = fs().changes();
      List<DirectoryEntry> entries = entries(KnownNames.MOST_KEPT, Detail.NAMES).all;
      ifUnchanged(
          seen,
          () -> {
            known.learn(entries);
            fs().knownNames().learnt(known);
          });
    }
  }

  /** A message was needed to find something. */
  private void hit(FileStat found) {
    fs().run(() -> lookedAt(found));
    int enough = known.listing(changes) == null ? HITS_BEFORE_LISTING : HITS_AFTER_LISTING;
    KnownNames.Batch next = known.unforeseen();
    if (hits.incrementAndGet() < enough || next == null) {
      return;
    }
    hits.set(0);
    int seen = fs().changes();
    Reply.Entries batch = readBatch(next.from(), Detail.ALL);
    ifUnchanged(seen, () -> foresee(batch.entries(), after(batch)));
  }

  private static KnownNames.Batch after(Reply.Entries batch) {
    return new KnownNames.Batch(batch.next(), batch.end());
  }

  /** In the file system's actor. */
  private void foresee(List<DirectoryEntry> entries, KnownNames.Batch rest) {
    known.foresee(entries, !fs().readOnly(), rest);
    fs().knownNames().learnt(known);
  }

  /**
   * The entries for getdents64(2), without "." and ".."; as they were at some time since the last
   * change here.
   */
  List<DirectoryEntry> listing() {
    if (fs().shared()) {
      return freshListing();
    }
    List<DirectoryEntry> kept = known.listing(changes);
    if (kept != null) {
      return kept;
    }
    int seen = fs().changes();
    int seenHere = changes;
    Detail detail = fs().forecast().detail();
    Entries read = entries(MOST_ENTRIES, detail);
    List<DirectoryEntry> plain = new ArrayList<>(read.all.size());
    boolean files = false;
    for (DirectoryEntry e : read.all) {
      files |= e.type() != DT_DIR;
      plain.add(e.stat() == null ? e : new DirectoryEntry(e.name(), e.ino(), e.type()));
    }
    boolean any = files;
    ifUnchanged(
        seen,
        () -> {
          known.learn(read.all);
          known.keepListing(plain, seenHere);
          known.listed();
          if (any) {
            fs().forecast().listed();
          }
          foresee(read.all, detail == Detail.ALL ? read.withoutAttributes : KnownNames.Batch.FIRST);
        });
    return plain;
  }

  /** Also forgets the names that are not there any more. */
  private List<DirectoryEntry> freshListing() {
    int seen = fs().changes();
    List<DirectoryEntry> entries = entries(MOST_ENTRIES, Detail.NAMES).all;
    ifUnchanged(
        seen,
        () -> {
          Set<String> existing = new HashSet<>();
          entries.forEach(e -> existing.add(e.name()));
          known.childrenBut(existing).forEach(this::lose);
        });
    return entries;
  }

  private void ifUnchanged(int seen, Runnable use) {
    fs().run(
            () -> {
              if (fs().changes() == seen) {
                use.run();
              }
            });
  }

  private Reply.Entries readBatch(long from, Detail detail) {
    return from == 0
        ? fid.readFirst(detail)
        : with(
            f ->
                fs().client().ask(new Request.ReadDirectory(f, from, detail), Reply.Entries.class));
  }

  /** Entries, and from where on they were read without attributes that were asked for. */
  private record Entries(List<DirectoryEntry> all, KnownNames.Batch withoutAttributes) {}

  /** The entries, without "." and "..", until there are {@code atLeast}. */
  private Entries entries(int atLeast, Detail detail) {
    List<DirectoryEntry> all = new ArrayList<>();
    KnownNames.Batch rest = KnownNames.Batch.FIRST;
    long offset = 0;
    boolean end = removed;
    while (!end && all.size() < atLeast) {
      long from = offset;
      boolean enough = detail == Detail.ALL && all.size() > MOST_WITH_ATTRIBUTES;
      Reply.Entries batch = readBatch(from, enough ? Detail.NAMES : detail);
      end = batch.end() || batch.entries().isEmpty();
      offset = batch.next();
      all.addAll(batch.entries());
      rest = enough ? rest : after(batch);
      if (!end && (offset == from || all.size() > MOST_ENTRIES)) {
        throw Errno.EIO.exception();
      }
    }
    return new Entries(all, rest);
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

  /** The host has {@code child} under {@code name} here. */
  void adopt(String name, GoferInode child) {
    known.put(name, child);
    child.gainName(new Name(this, name));
  }

  /** The host has nothing called {@code name} here any more. */
  void release(String name) {
    GoferInode child = known.remove(name);
    if (child != null) {
      child.loseName(new Name(this, name));
    }
  }

  /** As {@link #release}: others have taken the name away. */
  void lose(String name) {
    GoferInode child = known.child(name);
    release(name);
    if (child != null) {
      child.forgetIfLost();
    }
  }

  /** {@code child} is not called {@code name} here any more; somebody else may be. */
  void lose(String name, GoferInode child) {
    if (known.child(name) == child) {
      release(name);
    } else {
      child.loseName(new Name(this, name));
    }
  }

  /** What this directory knows as {@code name}; null if nothing. */
  GoferInode knownChild(String name) {
    return known.child(name);
  }

  /** A name has changed here, or may have. */
  void countChange() {
    changes++;
    fs().countChange();
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
