package io.loomvisor.task.memory;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.MemoryFile;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Page tables with a TLB that never forgets by itself: a translation that was taken away stays
 * usable until flush, as on real CPUs. {@link #access} plays the CPU.
 */
final class FakeAddressSpace implements AddressSpace {
  record Entry(long frame, int protection) {}

  private final TreeMap<Long, Entry> table = new TreeMap<>();
  private final Map<Long, Entry> tlb = new HashMap<>();
  final Set<Long> unflushed = new HashSet<>();
  int flushes;
  boolean closed;

  @Override
  public void map(long address, long frame, int pages, int protection) {
    for (int i = 0; i < pages; i++) {
      long page = (address >>> 12) + i;
      Entry entry = new Entry(frame + i, protection | READ);
      Entry old = table.put(page, entry);
      if (old != null && (old.frame != entry.frame || (old.protection & ~entry.protection) != 0)) {
        unflushed.add(page);
      }
    }
  }

  @Override
  public void unmap(long address, long length) {
    var range = table.subMap(address >>> 12, address + length >>> 12);
    unflushed.addAll(range.keySet());
    range.clear();
  }

  @Override
  public void protect(long address, long length, int protection) {
    if (protection == 0) {
      unmap(address, length);
      return;
    }
    for (var e : table.subMap(address >>> 12, address + length >>> 12).entrySet()) {
      if ((e.getValue().protection & ~protection) != 0) {
        unflushed.add(e.getKey());
      }
      e.setValue(new Entry(e.getValue().frame, protection | READ));
    }
  }

  @Override
  public long lookup(long address, int protection) {
    Entry e = table.get(address >>> 12);
    return e != null && (e.protection & protection) == protection ? e.frame : MemoryFile.NO_FRAME;
  }

  /** The frame a CPU reaches, through its TLB; 0 for a page fault. */
  long access(long address, int need) {
    long page = address >>> 12;
    Entry cached = tlb.get(page);
    if (cached != null && (cached.protection & need) == need) {
      return cached.frame;
    }
    Entry e = table.get(page);
    if (e == null || (e.protection & need) != need) {
      return 0;
    }
    tlb.put(page, e);
    return e.frame;
  }

  @Override
  public void barrier() {}

  @Override
  public void flush() {
    flushes++;
    tlb.keySet().removeAll(unflushed);
    unflushed.clear();
  }

  @Override
  public void close() {
    closed = true;
    table.clear();
    tlb.clear();
  }
}
