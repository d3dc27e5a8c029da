package io.loomvisor.platform.kvm.memory;

import java.util.Arrays;
import java.util.Set;

/**
 * The table frames of one address space, root first. A tree keeps its shape: an inner entry, once
 * it points to a table, changes only when KVM is made to forget everything. So what KVM's shadow
 * paging remembers of the inner entries is always true, and a closed address space's tree, its leaf
 * entries cleared, serves the next one.
 */
final class TableTree {
  private long[] tables = new long[16];
  private int size;

  TableTree(long root) {
    add(root);
  }

  long root() {
    return tables[0];
  }

  int size() {
    return size;
  }

  long table(int i) {
    return tables[i];
  }

  /** The tables that are no longer linked. */
  void removeAll(Set<Long> frames) {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (!frames.contains(tables[i])) {
        tables[kept++] = tables[i];
      }
    }
    size = kept;
  }

  void add(long frame) {
    if (size == tables.length) {
      tables = Arrays.copyOf(tables, size * 2);
    }
    tables[size++] = frame;
  }
}
