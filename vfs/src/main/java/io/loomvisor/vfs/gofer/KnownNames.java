package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.wire.DirectoryEntry;
import java.lang.ref.SoftReference;
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

  /** What a reading of the whole directory gave when it had changed so many times. */
  private record Listing(List<DirectoryEntry> entries, int changes) {}

  private final Map<String, GoferInode> children = new HashMap<>();

  /** Every name; null until it was listed. */
  private volatile Set<String> all;

  /** Attributes of entries that nobody has looked up yet. */
  private Map<String, FileStat> foreseen = Map.of();

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
    return children.get(name);
  }

  /** The names known here that are not in {@code existing}. */
  List<String> childrenBut(Set<String> existing) {
    return children.keySet().stream().filter(n -> !existing.contains(n)).toList();
  }

  /** The attributes that were learnt in advance, once; null if there are none. */
  FileStat takeForeseen(String name) {
    return foreseen.isEmpty() ? null : foreseen.remove(name);
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
    children.put(name, child);
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
    return children.remove(name);
  }

  private void unforesee(String name) {
    missing = null;
    takeForeseen(name);
  }

  /** These are all entries. */
  void learn(List<DirectoryEntry> entries) {
    if (entries.size() < MOST_KEPT) {
      Set<String> names = ConcurrentHashMap.newKeySet(entries.size());
      entries.forEach(e -> names.add(e.name()));
      all = names;
    }
  }

  /** Keeps the attributes, where they were asked for, of files that may be looked up soon. */
  void foresee(List<DirectoryEntry> entries) {
    foreseen = new HashMap<>();
    for (DirectoryEntry e : entries) {
      if (isForeseeable(e.stat()) && !children.containsKey(e.name())) {
        foreseen.put(e.name(), e.stat());
      }
    }
  }

  /** Directories need a fid and links their target, which a listing does not give. */
  private static boolean isForeseeable(FileStat stat) {
    return stat != null && !FileMode.isDirectory(stat.mode()) && !FileMode.isSymlink(stat.mode());
  }
}
