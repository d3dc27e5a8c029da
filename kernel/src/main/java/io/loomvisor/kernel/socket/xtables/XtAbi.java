package io.loomvisor.kernel.socket.xtables;

/** Numbers of x_tables under their Linux names (linux/netfilter/x_tables.h, ip_tables.h). */
final class XtAbi {
  /** The same numbers for IPv4 at SOL_IP and IPv6 at SOL_IPV6, but for the revisions. */
  static final int IPT_SO_SET_REPLACE = 64;

  static final int IPT_SO_SET_ADD_COUNTERS = 65;
  static final int IPT_SO_GET_INFO = 64;
  static final int IPT_SO_GET_ENTRIES = 65;
  static final int IPT_SO_GET_REVISION_MATCH = 66;
  static final int IPT_SO_GET_REVISION_TARGET = 67;
  static final int IP6T_SO_GET_REVISION_MATCH = 68;
  static final int IP6T_SO_GET_REVISION_TARGET = 69;
  static final int SO_ORIGINAL_DST = 80;

  static final int XT_TABLE_MAXNAMELEN = 32;
  static final int XT_EXTENSION_MAXNAMELEN = 29;
  static final int XT_FUNCTION_MAXNAMELEN = 30;
  static final int NF_INET_NUMHOOKS = 5;

  /** struct xt_counters: packets, bytes. */
  static final int COUNTERS_SIZE = 16;

  /** struct xt_entry_match and xt_entry_target: size (2), name (29), revision (1), data. */
  static final int EXTENSION_HEADER = 32;

  /** struct xt_standard_target, aligned: the verdict is an int behind the header. */
  static final int STANDARD_SIZE = 40;

  static final String STANDARD_TARGET = "";
  static final String ERROR_TARGET = "ERROR";

  /** Verdicts of the standard target that are no jumps: -NF_x - 1, and XT_RETURN. */
  static final int VERDICT_DROP = -1;

  static final int VERDICT_ACCEPT = -2;
  static final int VERDICT_RETURN = -5;

  /** ipt_ip.flags and ip6t_ip6.flags. */
  static final int IPT_F_FRAG = 1;

  static final int IPT_F_GOTO = 2;
  static final int IPT_F_MASK = 3;
  static final int IP6T_F_PROTO = 1;
  static final int IP6T_F_TOS = 2;
  static final int IP6T_F_GOTO = 4;
  static final int IP6T_F_MASK = 7;

  static final int INV_VIA_IN = 1;
  static final int INV_VIA_OUT = 2;
  static final int INV_SRCIP = 8;
  static final int INV_DSTIP = 0x10;
  static final int INV_PROTO = 0x40;
  static final int INV_MASK = 0x7f;

  private XtAbi() {}

  /** XT_ALIGN. */
  static int aligned(int size) {
    return size + 7 & ~7;
  }
}
