package io.loomvisor.kernel.loader;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.Platform;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.io.HeapBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The parts of an ELF file that loading needs (elf(5)). The headers are checked here, the segments
 * by {@link ImageMapper}, as Linux does: an error of the former goes to the caller of execve.
 *
 * @param type ET_EXEC 2 or ET_DYN 3
 * @param interpreter path of PT_INTERP, or null
 * @param executableStack PT_GNU_STACK asks for it, or is missing
 */
record ElfHeader(
    int type,
    long entry,
    long headerOffset,
    int headerCount,
    List<Segment> segments,
    String interpreter,
    boolean executableStack) {
  static final int ET_EXEC = 2;
  static final int ET_DYN = 3;
  static final int HEADER_ENTRY_SIZE = 56;

  private static final int EHDR_SIZE = 64;
  private static final int EM_X86_64 = 62;
  private static final int MAX_HEADERS_SIZE = 65536;
  private static final int PT_LOAD = 1;
  private static final int PT_INTERP = 3;
  private static final int PT_GNU_STACK = 0x6474e551;
  private static final int PF_X = 1;
  private static final int PF_W = 2;
  private static final int PF_R = 4;
  private static final int PATH_MAX = 4096;

  /** A PT_LOAD; protection in PROT_ bits. */
  record Segment(long offset, long address, long fileSize, long memorySize, int protection) {
    long end() {
      return address + memorySize;
    }

    /** It lies in user space, does not overflow, and file and memory agree within a page. */
    boolean mappable() {
      return offset >= 0
          && address >= 0
          && fileSize >= 0
          && memorySize >= fileSize
          && address < Platform.MAX_USER_ADDRESS
          && memorySize <= Platform.MAX_USER_ADDRESS - address
          && fileSize <= Long.MAX_VALUE - offset
          && (address - offset) % Platform.PAGE_SIZE == 0;
    }
  }

  /** ENOEXEC if this is no program for this machine. */
  static ElfHeader read(FileDescription file) {
    ByteBuffer h = bytes(file, 0, EHDR_SIZE);
    // Class and byte order are not looked at, as elf_check_arch() does not.
    boolean elf = h.getInt(0) == 0x464c457f && h.getShort(18) == EM_X86_64;
    int type = h.getShort(16);
    int count = h.getShort(56) & 0xffff;
    boolean sane =
        elf
            && (type == ET_EXEC || type == ET_DYN)
            && h.getShort(54) == HEADER_ENTRY_SIZE
            && count > 0
            && count * HEADER_ENTRY_SIZE <= MAX_HEADERS_SIZE;
    if (!sane) {
      throw Errno.ENOEXEC.exception();
    }
    long offset = h.getLong(32);
    ByteBuffer table = bytes(file, offset, count * HEADER_ENTRY_SIZE);
    List<Segment> segments = new ArrayList<>();
    String interpreter = null;
    boolean executableStack = true;
    for (int i = 0; i < count; i++) {
      int at = i * HEADER_ENTRY_SIZE;
      switch (table.getInt(at)) {
        case PT_LOAD -> segments.add(segment(table, at));
        case PT_INTERP ->
            interpreter = interpreter == null ? interpreter(file, table, at) : interpreter;
        case PT_GNU_STACK -> executableStack = (table.getInt(at + 4) & PF_X) != 0;
        default -> {}
      }
    }
    if (segments.isEmpty()) {
      throw Errno.ENOEXEC.exception();
    }
    return new ElfHeader(
        type, h.getLong(24), offset, count, segments, interpreter, executableStack);
  }

  long lowest() {
    return segments.stream().mapToLong(Segment::address).min().orElseThrow() & -Platform.PAGE_SIZE;
  }

  long highest() {
    long end = segments.stream().mapToLong(Segment::end).max().orElseThrow();
    return end + Platform.PAGE_SIZE - 1 & -Platform.PAGE_SIZE;
  }

  /**
   * Where the program headers are in memory once loaded with {@code bias}; 0 if no segment holds
   * them.
   */
  long headersAddress(long bias) {
    for (Segment s : segments) {
      if (headerOffset >= s.offset && headerOffset < s.offset + s.fileSize) {
        return bias + s.address + headerOffset - s.offset;
      }
    }
    return 0;
  }

  private static Segment segment(ByteBuffer t, int at) {
    int flags = t.getInt(at + 4);
    long offset = t.getLong(at + 8);
    long address = t.getLong(at + 16);
    long fileSize = t.getLong(at + 32);
    long memorySize = t.getLong(at + 40);
    int protection =
        ((flags & PF_R) != 0 ? 1 : 0)
            | ((flags & PF_W) != 0 ? 2 : 0)
            | ((flags & PF_X) != 0 ? 4 : 0);
    return new Segment(offset, address, fileSize, memorySize, protection);
  }

  private static String interpreter(FileDescription file, ByteBuffer t, int at) {
    long size = t.getLong(at + 32);
    if (size < 2 || size > PATH_MAX) {
      throw Errno.ENOEXEC.exception();
    }
    byte[] path = bytes(file, t.getLong(at + 8), (int) size).array();
    if (path[path.length - 1] != 0) {
      throw Errno.ENOEXEC.exception();
    }
    int end = 0;
    while (path[end] != 0) {
      end++;
    }
    return new String(path, 0, end, java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  /** Exactly {@code length} bytes at {@code offset}; ENOEXEC if the file ends before. */
  private static ByteBuffer bytes(FileDescription file, long offset, int length) {
    byte[] b = prefix(file, offset, length);
    if (b.length < length) {
      throw Errno.ENOEXEC.exception();
    }
    return ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Up to {@code length} bytes at {@code offset}. */
  static byte[] prefix(FileDescription file, long offset, int length) {
    if (offset < 0) {
      throw Errno.ENOEXEC.exception();
    }
    byte[] b = new byte[length];
    HeapBuffer target = HeapBuffer.wrap(b);
    while (target.remaining() > 0 && file.pread(target, offset + target.position()) > 0) {
      continue;
    }
    return target.remaining() == 0 ? b : Arrays.copyOf(b, target.position());
  }
}
