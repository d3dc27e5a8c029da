package io.loomvisor.platform.kvm.memory;

import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.kvm.ring0.Layout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Trees of closed address spaces, kept for the next ones. Table frames go back to the memory file
 * only after {@link GuestTlb#zapEverything}: before that KVM may still take a frame for the table
 * it was. Any thread.
 */
public final class TreePool {
  /** Table frames kept at most: 16 MiB. */
  private static final int MOST_TABLES = 4096;

  /** A tree larger than this is not worth keeping: the next program has another shape. */
  private static final int LARGEST_TREE = 256;

  static final long PRESENT = 1;
  static final long WRITABLE = 2;
  static final long USER = 4;
  static final long ACCESSED_DIRTY = 0x60;
  static final long TABLE_BITS = PRESENT | WRITABLE | USER | ACCESSED_DIRTY;

  private final MemoryFile memory;
  private final GuestTlb tlb;

  /** Most recently closed first: its tables are in the host's caches and in KVM's. */
  private final ConcurrentLinkedDeque<TableTree> trees = new ConcurrentLinkedDeque<>();

  private final ConcurrentLinkedDeque<TableTree> discarded = new ConcurrentLinkedDeque<>();
  private final AtomicInteger kept = new AtomicInteger();
  private final AtomicInteger discardedTables = new AtomicInteger();

  public TreePool(MemoryFile memory, GuestTlb tlb) {
    this.memory = memory;
    this.tlb = tlb;
  }

  TableTree take() {
    TableTree tree = trees.pollFirst();
    if (tree != null) {
      kept.addAndGet(-tree.size());
      return tree;
    }
    long root = allocateTable();
    MemorySegment table = memory.segment(root, 1);
    table.set(
        ValueLayout.JAVA_LONG, Layout.PML4_INDEX * 8L, (long) Layout.PDPT_FRAME << 12 | TABLE_BITS);
    return new TableTree(root);
  }

  /**
   * A zeroed frame for a table; makes room by dismantling kept trees if the memory limit is
   * reached.
   */
  long allocateTable() {
    try {
      return memory.allocate();
    } catch (MemoryFile.OutOfMemoryException e) {
      if (kept.get() == 0 && discardedTables.get() == 0) {
        throw e;
      }
      trim();
      return memory.allocate();
    }
  }

  /** Takes a tree back whose leaf entries are all zero and flushed. */
  void give(TableTree tree) {
    if (tree.size() <= LARGEST_TREE && kept.get() + tree.size() <= MOST_TABLES) {
      kept.addAndGet(tree.size());
      trees.addFirst(tree);
      return;
    }
    discarded.add(tree);
    if (discardedTables.addAndGet(tree.size()) > MOST_TABLES) {
      release(discarded, discardedTables);
    }
  }

  /** Gives all kept table frames back to the memory file; how many. */
  public long trim() {
    return release(trees, kept) + release(discarded, discardedTables);
  }

  private long release(ConcurrentLinkedDeque<TableTree> from, AtomicInteger count) {
    java.util.List<TableTree> taken = new java.util.ArrayList<>();
    for (TableTree tree = from.pollFirst(); tree != null; tree = from.pollFirst()) {
      count.addAndGet(-tree.size());
      taken.add(tree);
    }
    if (taken.isEmpty()) {
      return 0;
    }
    tlb.zapEverything();
    long freed = 0;
    for (TableTree tree : taken) {
      freed += tree.size();
      for (int i = 0; i < tree.size(); i++) {
        memory.release(tree.table(i));
      }
    }
    return freed;
  }
}
