package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.FileStat;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;

/**
 * The inodes that are in use, by the host's file, so that each file is one inode whatever its names
 * and however it was found. They are referred to weakly, as are children by their directories: a
 * cached name, an open file, a mapping, a watch, cached pages, a child keep an inode; when nothing
 * does, all that is kept of it is gone with the next collection, and the host is asked again.
 *
 * <p>Belongs to the file system's actor, but for {@link #collections}.
 */
final class KnownInodes {
  /** What was found lately stays, for a walk that asked for many names comes to them one by one. */
  private static final int RECENT = 256;

  private static final class Known extends WeakReference<GoferInode> implements Remains {
    private final KnownInodes table;
    private final HostFile identity;

    Known(KnownInodes table, GoferInode inode) {
      super(inode, table.dead);
      this.table = table;
      this.identity = inode.identity();
    }

    @Override
    public void remove() {
      table.byFile.remove(identity, this);
    }
  }

  private final Map<HostFile, Known> byFile = new HashMap<>();
  private final ReferenceQueue<GoferInode> dead = new ReferenceQueue<>();
  private final GoferInode[] recent = new GoferInode[RECENT];
  private int nextRecent;

  /** How often inodes have been found to be no more. */
  private volatile int collections;

  ReferenceQueue<GoferInode> dead() {
    return dead;
  }

  /** Any thread. */
  int collections() {
    return collections;
  }

  int size() {
    return byFile.size();
  }

  /** The inode for what the host says is such a file, if it can be the same; else null. */
  GoferInode get(FileStat stat, String target) {
    Known known = byFile.get(HostFile.of(stat));
    GoferInode inode = known == null ? null : known.get();
    return inode != null && inode.canBe(stat, target) ? inode : null;
  }

  /** Whether the file had an inode, of which nobody knows yet that it is no more. */
  boolean lost(FileStat stat) {
    Known known = byFile.get(HostFile.of(stat));
    return known != null && known.get() == null;
  }

  /** Takes the place of any that had its number before. */
  void put(GoferInode inode) {
    sweep();
    byFile.put(inode.identity(), new Known(this, inode));
    recent[nextRecent] = inode;
    nextRecent = (nextRecent + 1) % RECENT;
  }

  /** The file is gone from the host. */
  void remove(GoferInode inode) {
    Known known = byFile.get(inode.identity());
    if (known != null && known.get() == inode) {
      byFile.remove(inode.identity());
    }
  }

  private void sweep() {
    Reference<? extends GoferInode> r = dead.poll();
    if (r == null) {
      return;
    }
    for (; r != null; r = dead.poll()) {
      ((Remains) r).remove();
    }
    collections++;
  }
}
