package io.loomvisor.kernel.socket.xtables;

import io.loomvisor.gofer.abi.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The entries of a table, checked: they follow one another without gaps, and each has its matches
 * and its target inside (net/netfilter/x_tables.c: xt_check_entry_offsets). EINVAL for all else.
 */
final class Blob {
  /** One entry; {@code at} is where it begins in the blob. */
  record Entry(int index, int at, int end, List<Extension> matches, Extension target) {}

  private final EntryLayout layout;
  private final ByteBuffer bytes;
  private final List<Entry> entries = new ArrayList<>();
  private final Map<Integer, Entry> byOffset = new HashMap<>();

  /** The bytes stay the blob's. */
  Blob(EntryLayout layout, byte[] bytes) {
    this.layout = layout;
    this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (at < bytes.length) {
      Entry e = entry(at);
      entries.add(e);
      byOffset.put(at, e);
      at = e.end;
    }
  }

  private Entry entry(int at) {
    int left = bytes.capacity() - at;
    require(left >= layout.size + XtAbi.EXTENSION_HEADER);
    int target = bytes.getShort(at + layout.targetOffset) & 0xffff;
    int next = bytes.getShort(at + layout.nextOffset()) & 0xffff;
    require(next <= left && (next & 7) == 0);
    require(target >= layout.size && target + XtAbi.EXTENSION_HEADER <= next);
    int flags = bytes.get(at + layout.flags) & 0xff;
    int inverted = bytes.get(at + layout.inverted) & 0xff;
    require((flags & ~layout.flagMask) == 0 && (inverted & ~XtAbi.INV_MASK) == 0);
    List<Extension> matches = new ArrayList<>();
    int m = at + layout.size;
    while (m < at + target) {
      require(at + target - m >= XtAbi.EXTENSION_HEADER);
      int size = bytes.getShort(m) & 0xffff;
      require(size >= XtAbi.EXTENSION_HEADER && size <= at + target - m);
      matches.add(Extension.read(bytes, m, size));
      m += size;
    }
    int size = bytes.getShort(at + target) & 0xffff;
    require(size >= XtAbi.EXTENSION_HEADER && target + size <= next);
    Extension t = Extension.read(bytes, at + target, size);
    if (t.name().equals(XtAbi.STANDARD_TARGET)) {
      require(size == XtAbi.STANDARD_SIZE && target + size == next);
    } else if (t.name().equals(XtAbi.ERROR_TARGET)) {
      t.requireSize(XtAbi.XT_FUNCTION_MAXNAMELEN);
    }
    return new Entry(entries.size(), at, at + next, List.copyOf(matches), t);
  }

  private static void require(boolean sound) {
    if (!sound) {
      throw Errno.EINVAL.exception();
    }
  }

  EntryLayout layout() {
    return layout;
  }

  List<Entry> entries() {
    return entries;
  }

  /** Null if none begins there. */
  Entry at(int offset) {
    return byOffset.get(offset);
  }

  int size() {
    return bytes.capacity();
  }

  /** The header's bytes of an entry, {@code offset} counted from its start. */
  int u8(Entry e, int offset) {
    return bytes.get(e.at + offset) & 0xff;
  }

  int u16(Entry e, int offset) {
    return bytes.getShort(e.at + offset) & 0xffff;
  }

  byte[] header(Entry e) {
    byte[] b = new byte[layout.size];
    bytes.get(e.at, b);
    return b;
  }

  /** A copy with these counters, two for each entry. */
  byte[] withCounters(long[] counters) {
    ByteBuffer b = ByteBuffer.wrap(bytes.array().clone()).order(ByteOrder.LITTLE_ENDIAN);
    for (Entry e : entries) {
      b.putLong(e.at + layout.counters, counters[2 * e.index]);
      b.putLong(e.at + layout.counters + Long.BYTES, counters[2 * e.index + 1]);
    }
    return b.array();
  }
}
