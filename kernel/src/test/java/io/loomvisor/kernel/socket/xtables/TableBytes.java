package io.loomvisor.kernel.socket.xtables;

import io.loomvisor.net.filter.Hook;
import io.loomvisor.net.filter.TableName;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A table of IPv4 as libiptc makes it, entry by entry. */
final class TableBytes {
  private static final EntryLayout LAYOUT = EntryLayout.IPV4;

  private final TableName name;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  final int[] heads = new int[XtAbi.NF_INET_NUMHOOKS];
  final int[] underflows = new int[XtAbi.NF_INET_NUMHOOKS];
  private int entries;

  TableBytes(TableName name) {
    this.name = name;
  }

  int at() {
    return out.size();
  }

  int entries() {
    return entries;
  }

  /** What follows is asked at this hook. */
  TableBytes hook(Hook h) {
    heads[h.ordinal()] = at();
    return this;
  }

  TableBytes policy(Hook h, int verdict) {
    underflows[h.ordinal()] = at();
    return verdict(verdict);
  }

  /** A chain of one's own. */
  TableBytes chain(String chain) {
    return entry(target(XtAbi.ERROR_TARGET, 0, named(chain)));
  }

  private static byte[] named(String text) {
    byte[] b = new byte[XtAbi.XT_FUNCTION_MAXNAMELEN];
    byte[] t = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(t, 0, b, 0, t.length);
    return b;
  }

  TableBytes verdict(int verdict, byte[]... matches) {
    return entry(target(XtAbi.STANDARD_TARGET, 0, number(verdict)), matches);
  }

  static byte[] number(int n) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(n).array();
  }

  /** A match or a target. */
  static byte[] target(String name, int revision, byte[] data) {
    int size = XtAbi.aligned(XtAbi.EXTENSION_HEADER + data.length);
    ByteBuffer b = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    b.putShort((short) size).put(name.getBytes(StandardCharsets.ISO_8859_1));
    b.put(31, (byte) revision).put(XtAbi.EXTENSION_HEADER, data);
    return b.array();
  }

  TableBytes entry(byte[] target, byte[]... matches) {
    int before = LAYOUT.size;
    for (byte[] m : matches) {
      before += m.length;
    }
    int size = before + target.length;
    ByteBuffer b = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    b.putShort(LAYOUT.targetOffset, (short) before).putShort(LAYOUT.nextOffset(), (short) size);
    b.position(LAYOUT.size);
    for (byte[] m : matches) {
      b.put(m);
    }
    b.put(target);
    out.writeBytes(b.array());
    entries++;
    return this;
  }

  /** struct ipt_replace with all entries behind it. */
  byte[] replace(int oldEntries, long counters) {
    chain(XtAbi.ERROR_TARGET);
    ByteBuffer b = ByteBuffer.allocate(96 + at()).order(ByteOrder.LITTLE_ENDIAN);
    b.put(name.text().getBytes(StandardCharsets.ISO_8859_1)).position(32);
    int valid = 0;
    for (Hook h : name.hooks()) {
      valid |= 1 << h.ordinal();
    }
    b.putInt(valid).putInt(entries).putInt(at());
    for (int h : heads) {
      b.putInt(h);
    }
    for (int u : underflows) {
      b.putInt(u);
    }
    b.putInt(oldEntries).putLong(counters).put(out.toByteArray());
    return b.array();
  }
}
