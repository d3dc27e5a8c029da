package io.loomvisor.task.memory;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Platform;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.proc.MemoryMapping;
import io.loomvisor.vfs.proc.MemoryStatus;
import java.util.ArrayList;
import java.util.List;

/** Counts an address space for /proc. Runs in the memory manager's actor. */
final class MemoryReport {
  private final AddressSpaceState state;
  private final ProgramInfo program;

  MemoryReport(AddressSpaceState state, ProgramInfo program) {
    this.state = state;
    this.program = program;
  }

  List<MemoryMapping> mappings() {
    List<MemoryMapping> lines = new ArrayList<>(state.vmas.size());
    for (int i = 0; i < state.vmas.size(); i++) {
      Vma v = state.vmas.at(i);
      VfsPath file = v.backing() == null ? null : v.backing().path();
      lines.add(
          new MemoryMapping(
              v.start(),
              v.end(),
              v.protection(),
              v.shared(),
              v.offset(),
              file,
              label(v),
              count(v).use(v)));
    }
    return lines;
  }

  private String label(Vma v) {
    if (v.backing() != null) {
      return v.backing().path() != null ? "" : v.backing().label();
    }
    // Linux: vma_is_initial_heap, vma_is_initial_stack.
    if (v.start() < state.brk && v.end() > state.brkStart) {
      return "[heap]";
    }
    return v.contains(program.bounds().stackStart()) ? "[stack]" : "";
  }

  /** Pages resident in one VMA. */
  private record Count(long resident, long own, long dirty, long shared) {
    MemoryMapping.Use use(Vma v) {
      return new MemoryMapping.Use(
          bytes(resident),
          bytes(own),
          bytes(dirty),
          bytes(shared),
          0,
          v.has(Vma.LOCKED) ? bytes(resident) : 0);
    }

    private static long bytes(long pages) {
      return pages << Platform.PAGE_SHIFT;
    }
  }

  private Count count(Vma v) {
    long resident = 0;
    long own = 0;
    long dirty = 0;
    long shared = 0;
    Residency pages = state.pages;
    long end = v.end() >>> Platform.PAGE_SHIFT;
    for (long p = pages.next(v.start() >>> Platform.PAGE_SHIFT, end);
        p < end;
        p = pages.next(p + 1, end)) {
      long e = pages.get(p);
      boolean isOwn = Residency.own(e);
      resident++;
      own += isOwn ? 1 : 0;
      dirty += isOwn || (e & AddressSpace.WRITE) != 0 ? 1 : 0;
      // The page cache has one reference of its own.
      shared += pages.memory().references(Residency.frame(e)) > (isOwn ? 1 : 2) ? 1 : 0;
    }
    return new Count(resident, own, dirty, shared);
  }

  MemoryStatus status() {
    long anonymous = 0;
    long file = 0;
    long shmem = 0;
    long stack = 0;
    long text = 0;
    long library = 0;
    for (int i = 0; i < state.vmas.size(); i++) {
      Vma v = state.vmas.at(i);
      Count c = count(v);
      anonymous += c.own;
      if (v.backing() != null && v.backing().isSharedMemory()) {
        shmem += c.resident - c.own;
      } else {
        file += c.resident - c.own;
      }
      if (v.has(Vma.GROWS_DOWN)) {
        stack += v.length();
      } else if (v.executable() && !v.writable()) {
        boolean main =
            v.start() < program.bounds().codeEnd() && v.end() > program.bounds().codeStart();
        text += main ? v.length() : 0;
        library += main ? 0 : v.length();
      }
    }
    return new MemoryStatus(
        state.vmas.total(),
        state.peakVirtual,
        state.pages.peak() << Platform.PAGE_SHIFT,
        anonymous << Platform.PAGE_SHIFT,
        file << Platform.PAGE_SHIFT,
        shmem << Platform.PAGE_SHIFT,
        state.vmas.locked(),
        state.vmas.data(),
        stack,
        text,
        library,
        pageTables(),
        program.bounds());
  }

  /** An estimate: 8 bytes a page, a page at least for each of the lower levels. */
  private long pageTables() {
    return AddressSpaceState.alignUp(state.pages.size() * 8) + 4L * Platform.PAGE_SIZE;
  }
}
