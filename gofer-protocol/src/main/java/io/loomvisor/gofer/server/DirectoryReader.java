package io.loomvisor.gofer.server;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.gofer.wire.Detail;
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
  private static final int DT_UNKNOWN = 0;
  private static final int DT_DIR = 4;

  private final MemorySegment raw;

  /** Uses {@code raw}, native memory of at least 32 KiB, for what the host gives. */
  DirectoryReader(MemorySegment raw) {
    this.raw = raw;
  }

  /**
   * One batch from position {@code offset} on of the directory whose O_PATH descriptor is {@code
   * directory}.
   */
  Reply.Entries read(int directory, long offset, Detail detail) {
    int fd = DirectoryCalls.open(directory, ".", OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    try {
      if (offset != 0) {
        DescriptorCalls.seek(fd, offset, SEEK_SET);
      }
      return batch(fd, directory, offset, detail);
    } finally {
      DescriptorCalls.close(fd);
    }
  }

  private Reply.Entries batch(int fd, int directory, long offset, Detail detail) {
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
        DirectoryEntry entry = entry(at, length, directory, detail);
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
  private DirectoryEntry entry(int at, int length, int directory, Detail detail) {
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
    return isWanted(type, detail)
        ? described(directory, name, ino, type)
        : new DirectoryEntry(name, ino, type);
  }

  private static boolean isWanted(int type, Detail detail) {
    return switch (detail) {
      case NAMES -> false;
      case DIRECTORIES -> type == DT_DIR || type == DT_UNKNOWN;
      case ALL -> true;
    };
  }

  private static DirectoryEntry described(int directory, String name, long ino, int type) {
    try {
      FileStat stat = DirectoryCalls.stat(directory, name);
      String target =
          FileMode.isSymlink(stat.mode()) ? DirectoryCalls.readlink(directory, name) : null;
      return new DirectoryEntry(name, ino, type, stat, target);
    } catch (LinuxException gone) {
      return new DirectoryEntry(name, ino, type);
    }
  }
}
