package io.loomvisor.task;

/**
 * Where memory is to come from (set_mempolicy(2), mbind(2)). There is one node, 0, so a policy
 * changes nothing; it is kept to be asked for.
 *
 * @param mode MPOL_ constant without flags
 * @param flags MPOL_F_ mode flags
 * @param nodes the mask as given, as far as there are nodes: 0 or 1
 */
public record MemoryPolicy(int mode, int flags, long nodes) {
  public static final int MPOL_DEFAULT = 0;
  public static final int MPOL_PREFERRED = 1;
  public static final int MPOL_BIND = 2;
  public static final int MPOL_INTERLEAVE = 3;
  public static final int MPOL_LOCAL = 4;
  public static final int MPOL_PREFERRED_MANY = 5;
  public static final int MPOL_WEIGHTED_INTERLEAVE = 6;
  public static final int MPOL_F_STATIC_NODES = 1 << 15;
  public static final int MPOL_F_RELATIVE_NODES = 1 << 14;
  public static final int MPOL_F_NUMA_BALANCING = 1 << 13;
  public static final MemoryPolicy DEFAULT = new MemoryPolicy(MPOL_DEFAULT, 0, 0);

  public static final int BITS = 6;
  private static final int MODE_BITS = 3;
  private static final int FLAG_SHIFT = 13;

  /** In {@link #BITS} bits, 0 for {@link #DEFAULT}; nodes follow from the mode. */
  public int packed() {
    return mode | flags >> FLAG_SHIFT << MODE_BITS;
  }

  /** The policy that {@link #packed} to {@code bits}. */
  public static MemoryPolicy unpacked(int bits) {
    int mode = bits & (1 << MODE_BITS) - 1;
    long nodes = mode == MPOL_DEFAULT || mode == MPOL_LOCAL ? 0 : 1;
    return new MemoryPolicy(mode, bits >> MODE_BITS << FLAG_SHIFT, nodes);
  }
}
