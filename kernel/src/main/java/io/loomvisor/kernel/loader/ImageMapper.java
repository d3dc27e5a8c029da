package io.loomvisor.kernel.loader;

import static io.loomvisor.task.memory.MemoryFlags.MAP_ANONYMOUS;
import static io.loomvisor.task.memory.MemoryFlags.MAP_DENYWRITE;
import static io.loomvisor.task.memory.MemoryFlags.MAP_FIXED;
import static io.loomvisor.task.memory.MemoryFlags.MAP_NORESERVE;
import static io.loomvisor.task.memory.MemoryFlags.MAP_PRIVATE;
import static io.loomvisor.task.memory.MemoryFlags.PROT_WRITE;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.platform.Platform;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.vfs.FileDescription;

/** Maps the segments of one ELF file (fs/binfmt_elf.c: elf_load). */
final class ImageMapper {
  private static final long PAGE_MASK = -Platform.PAGE_SIZE;

  private final MemoryManager memory;
  private final FileDescription file;
  private final ElfHeader elf;

  ImageMapper(MemoryManager memory, FileDescription file, ElfHeader elf) {
    this.memory = memory;
    this.file = file;
    this.elf = elf;
  }

  /**
   * Maps everything; returns the bias, the difference between addresses in memory and in the file.
   *
   * @param hint where a position-independent image should go; 0 for anywhere
   * @throws LoadFailure if that cannot be done
   */
  long map(long hint) {
    if (!elf.segments().stream().allMatch(ElfHeader.Segment::mappable)) {
      throw new LoadFailure("a segment that no address space can hold", null);
    }
    try {
      return mapAll(hint);
    } catch (LinuxException e) {
      throw new LoadFailure("a segment cannot be mapped", e);
    }
  }

  private long mapAll(long hint) {
    long bias = 0;
    if (elf.type() == ElfHeader.ET_DYN) {
      long size = elf.highest() - elf.lowest();
      long start = memory.mmap(hint, size, 0, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, null, 0);
      memory.munmap(start, size);
      bias = start - elf.lowest();
    }
    for (ElfHeader.Segment s : elf.segments()) {
      mapSegment(s, bias);
    }
    return bias;
  }

  private void mapSegment(ElfHeader.Segment s, long bias) {
    long address = bias + s.address();
    long start = address & PAGE_MASK;
    long within = address - start;
    long fileEnd = address + s.fileSize();
    long end = address + s.memorySize();
    if (s.fileSize() > 0) {
      memory.mmap(
          start,
          within + s.fileSize(),
          s.protection(),
          MAP_PRIVATE | MAP_FIXED | MAP_DENYWRITE,
          file,
          s.offset() - within);
    }
    long anonymous = s.fileSize() > 0 ? fileEnd + Platform.PAGE_SIZE - 1 & PAGE_MASK : start;
    if (end > fileEnd && s.fileSize() > 0 && (s.protection() & PROT_WRITE) != 0) {
      memory.zeroPartial(
          fileEnd,
          anonymous - fileEnd); // to the end of the page: ld.so allocates from what is left there
    }
    if (end > anonymous) {
      memory.mmap(
          anonymous,
          end - anonymous,
          s.protection(),
          MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS,
          null,
          0);
    }
  }
}
