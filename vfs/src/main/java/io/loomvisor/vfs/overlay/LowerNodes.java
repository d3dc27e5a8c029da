package io.loomvisor.vfs.overlay;

import io.loomvisor.vfs.Inode;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * The nodes of lower files that must be found again by any of the file's names: those of files with
 * several names, while they are in use, and those that have been changed here, which are kept until
 * the file is gone. A node holds its lower inode, so that the lower file system goes on giving that
 * same one. Not thread-safe: owned by {@link OverlayFilesystem}.
 */
final class LowerNodes {
  private static final class Unchanged extends WeakReference<OverlayInode> implements Remains {
    private final LowerNodes table;
    private final Inode lower;

    Unchanged(LowerNodes table, OverlayInode node, ReferenceQueue<OverlayInode> remains) {
      super(node, remains);
      this.table = table;
      this.lower = node.lower();
    }

    @Override
    public void remove() {
      if (table.byLower.get(lower) == this) {
        table.byLower.remove(lower);
      }
    }
  }

  /** An {@link OverlayInode} or an {@link Unchanged}. */
  private final Map<Inode, Object> byLower = new IdentityHashMap<>();

  private final ReferenceQueue<OverlayInode> remains;

  LowerNodes(ReferenceQueue<OverlayInode> remains) {
    this.remains = remains;
  }

  /** The node that stands for the same lower file already, or {@code fresh}. */
  OverlayInode adopt(OverlayInode fresh) {
    Object known = byLower.get(fresh.lower());
    OverlayInode node = known instanceof Unchanged u ? u.get() : (OverlayInode) known;
    if (node != null) {
      return node;
    }
    if (!fresh.isDirectory() && fresh.nlink() > 1) {
      byLower.put(fresh.lower(), new Unchanged(this, fresh, remains));
    }
    return fresh;
  }

  /** The file has been changed here. */
  void keep(OverlayInode node) {
    byLower.put(node.lower(), node);
  }

  /** The file has no name any more: its users keep it. */
  void remove(OverlayInode node) {
    byLower.remove(node.lower());
  }

  int size() {
    return byLower.size();
  }
}
