package io.loomvisor.vfs.proc;

/** The list format of cpuset(7): "0-3,5". */
public final class CpuList {
  private CpuList() {}

  /** The numbers of the bits set in {@code mask}. */
  public static String of(long mask) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < Long.SIZE; i++) {
      if ((mask >>> i & 1) == 0) {
        continue;
      }
      int last = i;
      while (last + 1 < Long.SIZE && (mask >>> last + 1 & 1) != 0) {
        last++;
      }
      out.append(out.isEmpty() ? "" : ",").append(i);
      if (last > i) {
        out.append('-').append(last);
      }
      i = last;
    }
    return out.toString();
  }

  /** "0-N" for the first {@code count} CPUs. */
  public static String first(int count) {
    return count == 1 ? "0" : "0-" + (count - 1);
  }
}
