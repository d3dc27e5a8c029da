package io.loomvisor.kernel.socket.xtables;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.net.filter.Hook;
import io.loomvisor.net.filter.TableName;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The options of one IP version (net/ipv4/netfilter/ip_tables.c: do_ipt_get_ctl, do_ipt_set_ctl,
 * and their twins of IPv6). For CAP_NET_ADMIN only.
 */
public final class XtablesOptions {
  private static final int SOL_IP = 0;
  private static final int SOL_IPV6 = 41;

  /** struct ipt_getinfo: name, valid_hooks, hook_entry[5], underflow[5], num_entries, size. */
  private static final int GETINFO_SIZE = 84;

  /** struct ipt_get_entries: name, size, padding, entries. */
  private static final int GET_ENTRIES_SIZE = 40;

  /** struct ipt_replace in front of the entries; see {@link #replace}. */
  private static final int REPLACE_SIZE = 96;

  /** struct xt_counters_info: name, num_counters, padding, counters. */
  private static final int COUNTERS_INFO_SIZE = 40;

  /** struct xt_get_revision: name, revision. */
  private static final int REVISION_SIZE = 30;

  /** Bytes of a table: some 5,000 rules. Linux has no limit but its memory. */
  private static final int MAX_TABLE = 1 << 20;

  /** Bytes of a value that is set. */
  public static final int LONGEST = MAX_TABLE + REPLACE_SIZE;

  private static final Logger LOG = LoggerFactory.getLogger(XtablesOptions.class);

  private final Xtables tables;
  private final boolean v6;

  private XtablesOptions(Xtables tables, boolean v6) {
    this.tables = tables;
    this.v6 = v6;
  }

  /** Those of a level, of either IP version. */
  public static XtablesOptions of(Xtables tables, int level) {
    return new XtablesOptions(tables, level == SOL_IPV6);
  }

  /** Whether setsockopt(2) of it is for the packet filter. */
  public static boolean sets(int level, int option) {
    return (level == SOL_IP || level == SOL_IPV6)
        && (option == XtAbi.IPT_SO_SET_REPLACE || option == XtAbi.IPT_SO_SET_ADD_COUNTERS);
  }

  public static boolean gets(int level, int option) {
    return switch (option) {
      case XtAbi.IPT_SO_GET_INFO, XtAbi.IPT_SO_GET_ENTRIES -> level == SOL_IP || level == SOL_IPV6;
      case XtAbi.IPT_SO_GET_REVISION_MATCH, XtAbi.IPT_SO_GET_REVISION_TARGET -> level == SOL_IP;
      case XtAbi.IP6T_SO_GET_REVISION_MATCH, XtAbi.IP6T_SO_GET_REVISION_TARGET -> level == SOL_IPV6;
      default -> false;
    };
  }

  private static void requireAdmin(Caller caller) {
    if (!caller.credentials().has(Credentials.CAP_NET_ADMIN)) {
      throw Errno.EPERM.exception();
    }
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer copyIn(Caller caller, long address, int size) {
    byte[] b = new byte[size];
    caller.copyIn(address, MemorySegment.ofArray(b));
    return little(b);
  }

  /** ENOENT if there is none of that name. */
  private static TableName tableIn(ByteBuffer b) {
    String name = Extension.text(b, 0, XtAbi.XT_TABLE_MAXNAMELEN);
    for (TableName t : TableName.values()) {
      if (t.text().equals(name)) {
        return t;
      }
    }
    throw Refused.missing("table '" + name + "'");
  }

  // getsockopt

  /** Returns the length of what it has stored. */
  public int get(Caller caller, int option, long address, int room) {
    requireAdmin(caller);
    return switch (option) {
      case XtAbi.IPT_SO_GET_INFO -> info(caller, address, room);
      case XtAbi.IPT_SO_GET_ENTRIES -> entries(caller, address, room);
      case XtAbi.IPT_SO_GET_REVISION_MATCH, XtAbi.IP6T_SO_GET_REVISION_MATCH ->
          revision(caller, address, room, true);
      default -> revision(caller, address, room, false);
    };
  }

  private int info(Caller caller, long address, int room) {
    if (room != GETINFO_SIZE) {
      throw Errno.EINVAL.exception();
    }
    ByteBuffer b = copyIn(caller, address, GETINFO_SIZE);
    InstalledTable t = tables.snapshot(tableIn(b), v6).table();
    b.position(XtAbi.XT_TABLE_MAXNAMELEN).putInt(InstalledTable.validHooks(t.name()));
    for (int at : t.hookEntries()) {
      b.putInt(at);
    }
    for (int at : t.underflows()) {
      b.putInt(at);
    }
    b.putInt(t.entries()).putInt(t.blob().size());
    b.put(XtAbi.XT_TABLE_MAXNAMELEN - 1, (byte) 0);
    caller.copyOut(address, MemorySegment.ofArray(b.array()));
    return room;
  }

  private int entries(Caller caller, long address, int room) {
    if (room < GET_ENTRIES_SIZE) {
      throw Errno.EINVAL.exception();
    }
    ByteBuffer b = copyIn(caller, address, GET_ENTRIES_SIZE);
    int size = b.getInt(XtAbi.XT_TABLE_MAXNAMELEN);
    if (room - GET_ENTRIES_SIZE != size) {
      throw Errno.EINVAL.exception();
    }
    Xtables.Snapshot s = tables.snapshot(tableIn(b), v6);
    if (s.table().blob().size() != size) {
      throw Errno.EAGAIN.exception();
    }
    byte[] entries = s.table().blob().withCounters(s.counters());
    caller.copyOut(address + GET_ENTRIES_SIZE, MemorySegment.ofArray(entries));
    return room;
  }

  /** EPROTONOSUPPORT for a revision of something that there is in others, else ENOENT. */
  private int revision(Caller caller, long address, int room, boolean match) {
    if (room != REVISION_SIZE) {
      throw Errno.EINVAL.exception();
    }
    ByteBuffer b = copyIn(caller, address, REVISION_SIZE);
    String name = Extension.text(b, 0, XtAbi.XT_EXTENSION_MAXNAMELEN);
    int wanted = b.get(XtAbi.XT_EXTENSION_MAXNAMELEN) & 0xff;
    Set<Integer> there =
        match
            ? MatchReader.REVISIONS.getOrDefault(name, Set.of())
            : TargetReader.revisions(name, v6);
    if (there.isEmpty()) {
      throw Refused.missing((match ? "match '" : "target '") + name + "'");
    }
    if (!there.contains(wanted)) {
      throw Errno.EPROTONOSUPPORT.exception();
    }
    return room;
  }

  // setsockopt

  public void set(Caller caller, int option, byte[] value) {
    requireAdmin(caller);
    if (option == XtAbi.IPT_SO_SET_REPLACE) {
      replace(caller, little(value));
    } else {
      addCounters(little(value));
    }
  }

  /**
   * struct ipt_replace, with the entries behind it:
   *
   * <pre>
   *   0      32            36            40     44            64           84             88
   *   | name | valid_hooks | num_entries | size | hook_entry[5] | underflow[5] | num_counters | counters
   * </pre>
   */
  private void replace(Caller caller, ByteBuffer b) {
    if (b.capacity() < REPLACE_SIZE) {
      throw Errno.EINVAL.exception();
    }
    int size = b.getInt(40);
    int counters = b.getInt(84);
    if (size < 0 || size > MAX_TABLE) {
      throw Errno.ENOMEM.exception();
    }
    if (counters <= 0 || b.capacity() - REPLACE_SIZE < size) {
      throw Errno.EINVAL.exception();
    }
    byte[] bytes = new byte[size];
    b.get(REPLACE_SIZE, bytes);
    Blob blob = new Blob(EntryLayout.of(v6), bytes);
    int[] heads = new int[XtAbi.NF_INET_NUMHOOKS];
    int[] underflows = new int[XtAbi.NF_INET_NUMHOOKS];
    int valid = b.getInt(32);
    boolean sound = blob.entries().size() == b.getInt(36);
    for (Hook h : Hook.values()) {
      int i = h.ordinal();
      heads[i] = b.getInt(44 + Integer.BYTES * i);
      underflows[i] = b.getInt(64 + Integer.BYTES * i);
      boolean there = blob.at(heads[i]) != null && blob.at(underflows[i]) != null;
      sound &= there || (valid >>> i & 1) == 0;
    }
    if (!sound) {
      throw Errno.EINVAL.exception();
    }
    TableName name = tableIn(b);
    if (valid != InstalledTable.validHooks(name)) {
      throw Errno.EINVAL.exception();
    }
    long[] old = tables.replace(InstalledTable.of(name, blob, heads, underflows), counters);
    ByteBuffer out = little(new byte[old.length * Long.BYTES]);
    for (long n : old) {
      out.putLong(n);
    }
    try {
      caller.copyOut(b.getLong(88), MemorySegment.ofArray(out.array()));
    } catch (LinuxException e) {
      // Too late to fail: without them the caller only knows less (__do_replace).
      LOG.debug("iptables: nowhere to put counters: {}", e.errno());
    }
  }

  private void addCounters(ByteBuffer b) {
    if (b.capacity() < COUNTERS_INFO_SIZE) {
      throw Errno.EINVAL.exception();
    }
    int n = b.getInt(XtAbi.XT_TABLE_MAXNAMELEN);
    if (n < 0 || b.capacity() != COUNTERS_INFO_SIZE + (long) n * XtAbi.COUNTERS_SIZE) {
      throw Errno.EINVAL.exception();
    }
    long[] more = new long[2 * n];
    for (int i = 0; i < more.length; i++) {
      more[i] = b.getLong(COUNTERS_INFO_SIZE + Long.BYTES * i);
    }
    tables.addCounters(tableIn(b), v6, more);
  }
}
