package io.loomvisor.kernel.socket.xtables;

/**
 * Where in an entry what is, of each IP version. An entry is a header, matches, and one target:
 *
 * <pre>
 *   struct ipt_entry                        struct ip6t_entry
 *     0 src, dst, smsk, dmsk (4 each)         0 src, dst, smsk, dmsk (16 each)
 *    16 iniface, outiface, masks (16 each)   64 iniface, outiface, masks (16 each)
 *    80 proto (2), flags, invflags          128 proto (2), tos, flags, invflags
 *    84 nfcache                             136 nfcache
 *    88 target_offset, next_offset (2 each) 140 target_offset, next_offset (2 each)
 *    92 comefrom                            144 comefrom
 *    96 counters (16)                       152 counters (16)
 *   112 matches                             168 matches
 * </pre>
 */
enum EntryLayout {
  IPV4(4, 16, 80, 82, 83, 88, 96, 112, XtAbi.IPT_F_MASK, XtAbi.IPT_F_GOTO),
  IPV6(16, 64, 128, 131, 132, 140, 152, 168, XtAbi.IP6T_F_MASK, XtAbi.IP6T_F_GOTO);

  static final int INTERFACE_SIZE = 16;

  final int addressSize;
  final int interfaces;
  final int protocol;
  final int flags;
  final int inverted;
  final int targetOffset;
  final int counters;
  final int size;
  final int flagMask;
  final int gotoFlag;

  EntryLayout(
      int addressSize,
      int interfaces,
      int protocol,
      int flags,
      int inverted,
      int targetOffset,
      int counters,
      int size,
      int flagMask,
      int gotoFlag) {
    this.addressSize = addressSize;
    this.interfaces = interfaces;
    this.protocol = protocol;
    this.flags = flags;
    this.inverted = inverted;
    this.targetOffset = targetOffset;
    this.counters = counters;
    this.size = size;
    this.flagMask = flagMask;
    this.gotoFlag = gotoFlag;
  }

  static EntryLayout of(boolean v6) {
    return v6 ? IPV6 : IPV4;
  }

  boolean v6() {
    return this == IPV6;
  }

  /** Where the next entry is, counted from this one: two bytes behind. */
  int nextOffset() {
    return targetOffset + 2;
  }
}
