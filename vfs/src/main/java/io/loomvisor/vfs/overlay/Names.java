package io.loomvisor.vfs.overlay;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The names of one directory that the overlay knows: made here, hidden, or looked up below. Every
 * name of the lower directory that is not in the table is there unchanged, so those that were only
 * looked up are kept as long as their inodes are in use. Not thread-safe: owned by {@link
 * OverlayFilesystem}.
 */
final class Names {
  /**
   * One name.
   *
   * @param inode null: a whiteout
   * @param below the lower directory has the name
   * @param offset place among the names made here, never used again; {@link #UNCHANGED} for a lower
   *     file under its own name
   */
  record Entry(String name, OverlayInode inode, boolean below, long offset) {
    boolean unchanged() {
      return offset == UNCHANGED;
    }
  }

  /** A lower file under its own name, while there is an inode for it. */
  private static final class Found extends WeakReference<OverlayInode> implements Remains {
    private final Names names;
    private final String name;

    Found(Names names, String name, OverlayInode inode) {
      super(inode, inode.fs().remains());
      this.names = names;
      this.name = name;
    }

    @Override
    public void remove() {
      names.found.remove(name, this);
    }
  }

  static final long UNCHANGED = -1;

  /** What differs from the lower directory; null until something does. */
  private Map<String, Entry> changed;

  private final Map<String, Found> found = new HashMap<>(4);

  /** What was made here, by offset; null until there is something. */
  private NavigableMap<Long, Entry> added;

  private long nextOffset;

  /** Null if nothing is known of the name. */
  Entry get(String name) {
    Entry e = changed == null ? null : changed.get(name);
    if (e != null) {
      return e;
    }
    Found f = found.get(name);
    OverlayInode inode = f == null ? null : f.get();
    return inode == null ? null : new Entry(name, inode, true, UNCHANGED);
  }

  /** The file called so, as far as the table goes; null also for whiteouts. */
  OverlayInode live(String name) {
    Entry e = get(name);
    return e == null ? null : e.inode;
  }

  boolean anyAdded() {
    return added != null && !added.isEmpty();
  }

  /** Whether all of these names of the lower directory are hidden. */
  boolean hides(Collection<String> lowerNames) {
    return lowerNames.stream()
        .allMatch(n -> changed != null && changed.get(n) instanceof Entry e && e.inode == null);
  }

  /** A lower file has been looked up. */
  void found(String name, OverlayInode inode) {
    found.put(name, new Found(this, name, inode));
  }

  /** The name is {@code inode}'s from now on. */
  void put(String name, OverlayInode inode) {
    Entry old = get(name);
    if (added == null) {
      added = new TreeMap<>();
    }
    forget(old);
    Entry e = new Entry(name, inode, old != null && old.below, nextOffset++);
    change(e);
    added.put(e.offset, e);
  }

  /** The name, which is a file's, goes; a whiteout stays if the lower directory has it. */
  void remove(String name) {
    Entry old = get(name);
    forget(old);
    if (old.below) {
      change(new Entry(name, null, true, UNCHANGED));
    } else {
      changed.remove(name);
    }
  }

  private void change(Entry e) {
    if (changed == null) {
      changed = new HashMap<>(4);
    }
    changed.put(e.name, e);
    found.remove(e.name);
  }

  private void forget(Entry old) {
    if (old != null && !old.unchanged()) {
      added.remove(old.offset);
    }
  }

  /** Names made here, from {@code offset} on. */
  List<Entry> added(long offset, int max) {
    List<Entry> some = new ArrayList<>();
    if (added != null) {
      for (Entry e : added.tailMap(offset, true).values()) {
        if (some.size() == max) {
          break;
        }
        some.add(e);
      }
    }
    return some;
  }

  /** Names that there is an entry for. */
  int size() {
    return found.size() + (changed == null ? 0 : changed.size());
  }
}
