package io.loomvisor.task.memory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The VMAs of one address space in ascending order, never overlapping. Keeps the sums over them and
 * the use counts of backings. Belongs to the memory manager's actor.
 */
final class VmaList {
  private Vma[] items = new Vma[16];
  private int count;
  private long total;
  private long data;
  private long locked;

  /** Backings whose count has fallen to 0 at some time; see {@link #takeUnused}. */
  private final List<Backing> candidates = new ArrayList<>();

  /** Backings whose use is reported and has changed; see {@link #reportUses}. */
  private final List<Backing> changed = new ArrayList<>();

  int size() {
    return count;
  }

  Vma at(int index) {
    return items[index];
  }

  /** Bytes mapped. */
  long total() {
    return total;
  }

  /** Bytes of private writable memory without stacks. */
  long data() {
    return data;
  }

  long locked() {
    return locked;
  }

  /** Index of the first VMA that ends above {@code address}; {@link #size} if there is none. */
  int indexFrom(long address) {
    int low = 0;
    int high = count;
    while (low < high) {
      int mid = low + high >>> 1;
      if (items[mid].end() > address) {
        high = mid;
      } else {
        low = mid + 1;
      }
    }
    return low;
  }

  /** The VMA that contains {@code address}, or null. */
  Vma find(long address) {
    int i = indexFrom(address);
    return i < count && items[i].start() <= address ? items[i] : null;
  }

  /** Whether any VMA has an address in [start, end). */
  boolean intersects(long start, long end) {
    int i = indexFrom(start);
    return i < count && items[i].start() < end;
  }

  /** Whether every address in [start, end) has a VMA. */
  boolean covers(long start, long end) {
    return coveredEnd(start, end) >= end;
  }

  /** Where the first gap in [start, end) begins; {@code end} if there is none. */
  long coveredEnd(long start, long end) {
    long at = start;
    for (int i = indexFrom(start); i < count && at < end; i++) {
      if (items[i].start() > at) {
        return at;
      }
      at = items[i].end();
    }
    return Math.min(at, end);
  }

  /** Adds a VMA to a free range and joins it with its neighbours where they are alike. */
  void add(Vma vma) {
    int i = indexFrom(vma.start());
    insert(i, vma);
    merge(i);
  }

  /** Adds without joining, for VMAs that come in order (fork). */
  void append(Vma vma) {
    insert(count, vma);
  }

  /** Cuts the VMA that has {@code address} inside in two there, so that one begins at it. */
  void splitAt(long address) {
    int i = indexFrom(address);
    if (i < count && items[i].start() < address) {
      Vma v = items[i];
      replace(i, v.slice(v.start(), address));
      insert(i + 1, v.slice(address, v.end()));
    }
  }

  /** How many more VMAs there would be if both ends of [start, end) were cut. */
  int splitsAt(long start, long end) {
    int n = 0;
    Vma first = find(start);
    if (first != null && first.start() < start) {
      n++;
    }
    Vma last = find(end);
    if (last != null && last.start() < end) {
      n++;
    }
    return n;
  }

  void replace(int index, Vma vma) {
    account(items[index], -1);
    items[index] = vma;
    account(vma, 1);
  }

  /** Takes out every VMA in [start, end), where the ends have been cut. */
  void removeRange(long start, long end) {
    int from = indexFrom(start);
    int to = from;
    while (to < count && items[to].start() < end) {
      account(items[to], -1);
      to++;
    }
    if (to > from) {
      System.arraycopy(items, to, items, from, count - to);
      Arrays.fill(items, count - (to - from), count, null);
      count -= to - from;
    }
  }

  /** Joins neighbours that have become alike among those that touch [start, end]. */
  void mergeRange(long start, long end) {
    int i = Math.max(0, indexFrom(start) - 1);
    while (i + 1 < count && items[i].start() <= end) {
      if (!joinWithNext(i)) {
        i++;
      }
    }
  }

  private void merge(int index) {
    joinWithNext(index);
    if (index > 0) {
      joinWithNext(index - 1);
    }
  }

  private boolean joinWithNext(int i) {
    if (i + 1 >= count || !items[i].mergesWith(items[i + 1])) {
      return false;
    }
    Vma joined = items[i].mergedWith(items[i + 1]);
    account(items[i + 1], -1);
    System.arraycopy(items, i + 2, items, i + 1, count - i - 2);
    items[--count] = null;
    replace(i, joined);
    return true;
  }

  private void insert(int index, Vma vma) {
    if (count == items.length) {
      items = Arrays.copyOf(items, count * 2);
    }
    System.arraycopy(items, index, items, index + 1, count - index);
    items[index] = vma;
    count++;
    account(vma, 1);
  }

  private void account(Vma vma, int sign) {
    long length = sign * vma.length();
    total += length;
    if (vma.isData()) {
      data += length;
    }
    if (vma.has(Vma.LOCKED)) {
      locked += length;
    }
    Backing b = vma.backing();
    if (b != null) {
      b.addUses(sign);
      if (b.unused()) {
        candidates.add(b);
      }
      if (b.countsUses()) {
        changed.add(b);
      }
    }
  }

  /** Backings that no VMA uses any more, each once. */
  List<Backing> takeUnused() {
    if (candidates.isEmpty()) {
      return List.of();
    }
    List<Backing> unused = candidates.stream().filter(Backing::unused).distinct().toList();
    candidates.clear();
    return unused;
  }

  /** Tells those who count their mappings what has become of them. */
  void reportUses() {
    if (!changed.isEmpty()) {
      changed.forEach(Backing::reportUses);
      changed.clear();
    }
  }

  /** A copy of the list. */
  List<Vma> toList() {
    return List.of(Arrays.copyOf(items, count));
  }
}
