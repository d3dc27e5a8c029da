package io.loomvisor.vfs.overlay;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The names of one directory that the overlay knows: looked up below, made here, or hidden. Every
 * name of the lower directory that is not in the table is there unchanged. Not thread-safe: owned
 * by {@link OverlayFilesystem}.
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

  static final long UNCHANGED = -1;

  private final Map<String, Entry> byName = new HashMap<>(4);

  /** What was made here, by offset; null until there is something. */
  private NavigableMap<Long, Entry> added;

  private long nextOffset;
  private int live;

  /** Null if nothing is known of the name. */
  Entry get(String name) {
    return byName.get(name);
  }

  /** The file called so, as far as the table goes; null also for whiteouts. */
  OverlayInode live(String name) {
    Entry e = byName.get(name);
    return e == null ? null : e.inode;
  }

  boolean anyLive() {
    return live > 0;
  }

  /** Whether all of these names of the lower directory are hidden. */
  boolean hides(Collection<String> lowerNames) {
    return lowerNames.stream().allMatch(n -> byName.get(n) instanceof Entry e && e.inode == null);
  }

  /** A lower file has been looked up. */
  void found(String name, OverlayInode inode) {
    byName.put(name, new Entry(name, inode, true, UNCHANGED));
    live++;
  }

  /** The name is {@code inode}'s from now on. */
  void put(String name, OverlayInode inode) {
    Entry old = byName.get(name);
    if (added == null) {
      added = new TreeMap<>();
    }
    forget(old);
    Entry e = new Entry(name, inode, old != null && old.below, nextOffset++);
    byName.put(name, e);
    added.put(e.offset, e);
    live++;
  }

  /** The name goes; a whiteout stays if the lower directory has it. */
  void remove(String name) {
    Entry old = byName.get(name);
    forget(old);
    if (old.below) {
      byName.put(name, new Entry(name, null, true, UNCHANGED));
    } else {
      byName.remove(name);
    }
  }

  private void forget(Entry old) {
    if (old == null || old.inode == null) {
      return;
    }
    live--;
    if (!old.unchanged()) {
      added.remove(old.offset);
    }
  }

  /** Names made here, from {@code offset} on. */
  List<Entry> added(long offset, int max) {
    List<Entry> found = new ArrayList<>();
    if (added != null) {
      for (Entry e : added.tailMap(offset, true).values()) {
        if (found.size() == max) {
          break;
        }
        found.add(e);
      }
    }
    return found;
  }
}
