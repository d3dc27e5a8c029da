package io.loomvisor.kernel.socket.xtables;

import io.loomvisor.net.filter.Chain;
import io.loomvisor.net.filter.Counters;
import io.loomvisor.net.filter.Hook;
import io.loomvisor.net.filter.TableName;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A table as the application gave it, and what its entries have counted before its rules were last
 * installed. Immutable but for the counters, which are its owner's.
 *
 * @param hookEntries with {@code underflows}, by hook as numbered; 0 where there is none
 * @param base packets and bytes of each entry
 */
record InstalledTable(
    TableName name,
    Blob blob,
    int[] hookEntries,
    int[] underflows,
    Map<String, Chain> chains,
    List<TableReader.Place> places,
    long[] base) {

  static InstalledTable of(TableName name, Blob blob, int[] hookEntries, int[] underflows) {
    TableReader.Result r = TableReader.read(name, blob, hookEntries, underflows);
    return new InstalledTable(
        name,
        blob,
        hookEntries,
        underflows,
        r.chains(),
        r.places(),
        new long[2 * r.places().size()]);
  }

  /**
   * What a table is before anybody has changed it: every chain accepts (xt_alloc_initial_table).
   */
  static InstalledTable initial(TableName name, EntryLayout layout) {
    int rule = layout.size + XtAbi.STANDARD_SIZE;
    int end = layout.size + XtAbi.aligned(XtAbi.EXTENSION_HEADER + XtAbi.XT_FUNCTION_MAXNAMELEN);
    int hooks = name.hooks().size();
    ByteBuffer b = ByteBuffer.allocate(hooks * rule + end).order(ByteOrder.LITTLE_ENDIAN);
    int[] heads = new int[XtAbi.NF_INET_NUMHOOKS];
    int at = 0;
    for (Hook h : name.hooks()) {
      heads[h.ordinal()] = at;
      begin(b, layout, at, rule, XtAbi.STANDARD_TARGET);
      b.putInt(at + layout.size + XtAbi.EXTENSION_HEADER, XtAbi.VERDICT_ACCEPT);
      at += rule;
    }
    begin(b, layout, at, end, XtAbi.ERROR_TARGET);
    byte[] error = XtAbi.ERROR_TARGET.getBytes(StandardCharsets.ISO_8859_1);
    b.put(at + layout.size + XtAbi.EXTENSION_HEADER, error);
    return of(name, new Blob(layout, b.array()), heads, heads);
  }

  private static void begin(ByteBuffer b, EntryLayout layout, int at, int size, String target) {
    b.putShort(at + layout.targetOffset, (short) layout.size);
    b.putShort(at + layout.nextOffset(), (short) size);
    b.putShort(at + layout.size, (short) (size - layout.size));
    b.put(at + layout.size + 2, target.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** One bit for each hook at which the table is asked. */
  static int validHooks(TableName name) {
    int bits = 0;
    for (Hook h : name.hooks()) {
      bits |= 1 << h.ordinal();
    }
    return bits;
  }

  int entries() {
    return places.size();
  }

  /** What all entries have counted: {@code now} since the rules were installed; null: nothing. */
  long[] counters(Counters now) {
    long[] all = base.clone();
    if (now != null && now.chains().containsKey(name)) {
      for (int i = 0; i < places.size(); i++) {
        TableReader.Place p = places.get(i);
        if (p.chain() != null) {
          Counters.Count c =
              p.rule() < 0 ? now.policy(name, p.chain()) : now.rule(name, p.chain(), p.rule());
          all[2 * i] += c.packets();
          all[2 * i + 1] += c.bytes();
        }
      }
    }
    return all;
  }
}
