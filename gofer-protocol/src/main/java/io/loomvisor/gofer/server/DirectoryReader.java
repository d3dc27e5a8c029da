package io.loomvisor.gofer.server;

import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.gofer.wire.DirectoryEntry;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.ReplyCodec;
import io.loomvisor.gofer.wire.Wire;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads a directory in batches that fit one message. Server's thread. */
final class DirectoryReader {
  // struct linux_dirent64: d_ino 0, d_off 8, d_reclen 16, d_type 18, d_name 19.
  private static final int RECLEN = 16;
  private static final int TYPE = 18;
  private static final int NAME = 19;
  private static final int SEEK_SET = 0;

  private final MemorySegment raw;

  /** Uses {@code raw}, native memory of at least 32 KiB, for what the host gives. */
  DirectoryReader(MemorySegment raw) {
    this.raw = raw;
  }

  /**
   * One batch from position {@code offset} on of the directory whose O_PATH descriptor is {@code
   * directory}.
   */
  Reply.Entries read(int directory, long offset, boolean attributes) {
    int fd = DirectoryCalls.open(directory, ".", OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    try {
      if (offset != 0) {
        DescriptorCalls.seek(fd, offset, SEEK_SET);
      }
      return batch(fd, directory, offset, attributes);
    } finally {
      DescriptorCalls.close(fd);
    }
  }

  private Reply.Entries batch(int fd, int directory, long offset, boolean attributes) {
    List<DirectoryEntry> entries = new ArrayList<>();
    int room = Wire.MAX_MESSAGE - ReplyCodec.ENTRIES_OVERHEAD;
    long next = offset;
    for (; ; ) {
      int filled = DirectoryCalls.readDirectory(fd, raw);
      if (filled == 0) {
        return new Reply.Entries(entries, next, true);
      }
      for (int at = 0; at < filled; ) {
        int length = Short.toUnsignedInt(raw.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + RECLEN));
        DirectoryEntry entry = entry(at, length, directory, attributes);
        if (entry != null) {
          room -= ReplyCodec.size(entry);
          if (room < 0) {
            return new Reply.Entries(entries, next, false);
          }
          entries.add(entry);
        }
        next = raw.get(ValueLayout.JAVA_LONG_UNALIGNED, at + 8);
        at += length;
      }
    }
  }

  /** The entry at {@code at}; null for "." and "..". */
  private DirectoryEntry entry(int at, int length, int directory, boolean attributes) {
    int n = NAME;
    while (n < length && raw.get(ValueLayout.JAVA_BYTE, at + n) != 0) {
      n++;
    }
    byte[] bytes = raw.asSlice(at + NAME, n - NAME).toArray(ValueLayout.JAVA_BYTE);
    String name = new String(bytes, StandardCharsets.ISO_8859_1);
    if (!Wire.isEntryName(name)) {
      return null;
    }
    long ino = raw.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
    int type = raw.get(ValueLayout.JAVA_BYTE, at + TYPE) & 0xff;
    return new DirectoryEntry(name, ino, type, attributes ? statOrNull(directory, name) : null);
  }

  private static FileStat statOrNull(int directory, String name) {
    try {
      return DirectoryCalls.stat(directory, name);
    } catch (LinuxException gone) {
      return null;
    }
  }
}
