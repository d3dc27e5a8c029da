package io.loomvisor.vfs.proc;

import java.util.BitSet;

/** The list and mask formats of cpuset(7): "0-3,5" and "0000002f". */
public final class CpuList {
  private static final int GROUP = 32;

  private CpuList() {}

  /** The numbers of the bits set. */
  public static String of(BitSet cpus) {
    StringBuilder out = new StringBuilder();
    for (int i = cpus.nextSetBit(0); i >= 0; i = cpus.nextSetBit(cpus.nextClearBit(i))) {
      int last = cpus.nextClearBit(i) - 1;
      out.append(out.isEmpty() ? "" : ",").append(i);
      if (last > i) {
        out.append('-').append(last);
      }
    }
    return out.toString();
  }

  /** The mask in hexadecimal for {@code count} CPUs, in groups of 32 from the highest down. */
  public static String mask(BitSet cpus, int count) {
    StringBuilder out = new StringBuilder();
    for (int group = (count - 1) / GROUP; group >= 0; group--) {
      int here = Math.min(GROUP, count - group * GROUP);
      long[] words = cpus.get(group * GROUP, group * GROUP + here).toLongArray();
      String hex = Long.toHexString(words.length == 0 ? 0 : words[0]);
      out.append("0".repeat((here + 3) / 4 - hex.length())).append(hex);
      out.append(group > 0 ? "," : "");
    }
    return out.toString();
  }

  /** "0-N" for the first {@code count} CPUs. */
  public static String first(int count) {
    return count == 1 ? "0" : "0-" + (count - 1);
  }
}
