package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.wire.DirectoryEntry;
import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is known of the names of one directory. The file system's actor's, but for {@link #exclude}
 * and {@link #listing}.
 */
final class KnownNames {
  /** A directory with more entries than this is not kept as a set of names. */
  static final int MOST_KEPT = 20_000;

  /** Entries with attributes at most. */
  private static final int MOST_FORESEEN = 16_000;

  /** A part of the directory that is still to be read. */
  record Batch(long from, boolean none) {
    static final Batch FIRST = new Batch(0, false);
  }

  /** A name's inode while there is one. */
  private static final class Child extends WeakReference<GoferInode> implements Remains {
    private final KnownNames names;
    private final String name;

    Child(KnownNames names, String name, GoferInode inode) {
      super(inode, inode.fs().remains());
      this.names = names;
      this.name = name;
    }

    @Override
    public void remove() {
      names.children.remove(name, this);
    }
  }

  /** What a reading of the whole directory gave when it had changed so many times. */
  private record Listing(List<DirectoryEntry> entries, int changes) {}

  /** Those that are in use, or were a moment ago. */
  private final Map<String, Child> children = new HashMap<>();

  /** Every name; null until it was listed. */
  private volatile Set<String> all;

  /** Entries with attributes that nobody has looked up yet. */
  private Map<String, DirectoryEntry> foreseen = Map.of();

  /** From where on there is more to foresee. Any thread. */
  private volatile Batch next = Batch.FIRST;

  private volatile boolean tooMany;

  /** Nobody has looked up anything but directories since the directory was listed. */
  private boolean unlooked;

  /** A name that a longer walk has not found; good for one question. */
  private String missing;

  private volatile SoftReference<Listing> lastListing = new SoftReference<>(null);

  /** Whether there is certainly nothing called so. Any thread. */
  boolean exclude(String name) {
    Set<String> names = all;
    return names != null && !names.contains(name);
  }

  /**
   * What {@link #keepListing} was given when the directory had changed as often as now; else null.
   * Any thread.
   */
  List<DirectoryEntry> listing(int changes) {
    Listing last = lastListing.get();
    return last != null && last.changes == changes ? last.entries : null;
  }

  void keepListing(List<DirectoryEntry> entries, int changes) {
    lastListing = new SoftReference<>(new Listing(entries, changes));
  }

  GoferInode child(String name) {
    Child c = children.get(name);
    return c == null ? null : c.get();
  }

  /** The names known here that are not in {@code existing}. */
  List<String> childrenBut(Set<String> existing) {
    return children.keySet().stream().filter(n -> !existing.contains(n)).toList();
  }

  /** What was learnt in advance, with attributes, once; null if nothing was. */
  DirectoryEntry takeForeseen(String name) {
    return foreseen.isEmpty() ? null : foreseen.remove(name);
  }

  /** A file that is no directory is looked up; whether it is the first since the listing. */
  boolean takeUnlooked() {
    boolean is = unlooked;
    unlooked = false;
    return is;
  }

  /** Whether a walk has just found nothing called so; answered once. */
  boolean takeMissing(String name) {
    boolean is = name.equals(missing);
    missing = null;
    return is;
  }

  void setMissing(String name) {
    missing = name;
  }

  void put(String name, GoferInode child) {
    children.put(name, new Child(this, name, child));
    unforesee(name);
    Set<String> names = all;
    if (names != null) {
      names.add(name);
    }
  }

  /** Returns the child that was known, or null. */
  GoferInode remove(String name) {
    unforesee(name);
    Set<String> names = all;
    if (names != null) {
      names.remove(name);
    }
    Child c = children.remove(name);
    return c == null ? null : c.get();
  }

  private void unforesee(String name) {
    missing = null;
    takeForeseen(name);
  }

  /** There are too many names for {@link #learn}. Any thread. */
  boolean tooMany() {
    return tooMany;
  }

  /** These are all entries. */
  void learn(List<DirectoryEntry> entries) {
    if (entries.size() < MOST_KEPT) {
      Set<String> names = ConcurrentHashMap.newKeySet(entries.size());
      entries.forEach(e -> names.add(e.name()));
      all = names;
    } else {
      tooMany = true;
    }
  }

  /** All was listed, as {@link #learn} and {@link #foresee} are told. */
  void listed() {
    unlooked = true;
  }

  /**
   * Keeps the attributes, where they were asked for, of files that may be looked up soon.
   *
   * @param changing names come and go here: what is known of a file with several names would not
   *     notice when another of them goes
   * @param rest what to read next for more of this
   */
  void foresee(List<DirectoryEntry> entries, boolean changing, Batch rest) {
    if (foreseen.isEmpty()) {
      foreseen = new HashMap<>();
    }
    for (DirectoryEntry e : entries) {
      if (foreseen.size() < MOST_FORESEEN
          && e.stat() != null
          && !(changing && hasOtherNames(e.stat()))
          && !children.containsKey(e.name())) {
        foreseen.put(e.name(), e);
      }
    }
    next = rest;
  }

  private static boolean hasOtherNames(FileStat stat) {
    return !FileMode.isDirectory(stat.mode()) && stat.nlink() > 1;
  }

  /** What to read for {@link #foresee}; null if that is not worth it. Any thread. */
  Batch unforeseen() {
    Batch n = next;
    return n.none ? null : n;
  }

  /** Names kept beyond those of children, and one for itself. */
  int weight() {
    Set<String> names = all;
    return 1 + foreseen.size() + (names == null ? 0 : names.size());
  }

  /** Names that there is an entry for, though their inodes may be no more. */
  int size() {
    return children.size();
  }

  /** Forgets what is kept beyond children; a listing stays as long as there is memory. */
  void forget() {
    foreseen = Map.of();
    all = null;
    next = Batch.FIRST;
  }
}
