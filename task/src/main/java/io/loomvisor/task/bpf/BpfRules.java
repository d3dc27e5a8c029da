package io.loomvisor.task.bpf;

/** What programs for one purpose may do beyond what all may. */
public enum BpfRules {
  /** kernel/seccomp.c, seccomp_check_filter: aligned words of struct seccomp_data, no remainder. */
  CALLS,
  /**
   * net/core/filter.c, bpf_check_classic: bytes and half-words too, anywhere. What is refused
   * although Linux has it: netlink attributes and the payload's offset (SKF_AD_NLATTR,
   * SKF_AD_NLATTR_NEST, SKF_AD_PAY_OFFSET).
   */
  PACKETS;

  /** sizeof(struct seccomp_data). */
  private static final int CALL_SIZE = 64;

  /** Whether it is a load of data that is known. */
  boolean knows(int code) {
    int mode = code & Bpf.MODE_MASK;
    int size = code & Bpf.SIZE_MASK;
    boolean data = mode == Bpf.ABS || mode == Bpf.IND;
    return this == CALLS
        ? code == (Bpf.LD | Bpf.ABS)
        : data && (size == Bpf.W || size == Bpf.H || size == Bpf.B);
  }

  /** Whether a load that is known may be of {@code k}; how long a packet is, a run sees. */
  boolean reaches(int code, int k) {
    if (this == CALLS) {
      return k >= 0 && k < CALL_SIZE && k % Integer.BYTES == 0;
    }
    boolean named = k >= Bpf.SKF_AD_OFF && k < 0;
    return (code & Bpf.MODE_MASK) != Bpf.ABS || !named || hasName(k - Bpf.SKF_AD_OFF);
  }

  private static boolean hasName(int place) {
    return switch (place) {
      case Bpf.SKF_AD_PROTOCOL,
          Bpf.SKF_AD_PKTTYPE,
          Bpf.SKF_AD_IFINDEX,
          Bpf.SKF_AD_MARK,
          Bpf.SKF_AD_QUEUE,
          Bpf.SKF_AD_HATYPE,
          Bpf.SKF_AD_RXHASH,
          Bpf.SKF_AD_CPU,
          Bpf.SKF_AD_ALU_XOR_X,
          Bpf.SKF_AD_VLAN_TAG,
          Bpf.SKF_AD_VLAN_TAG_PRESENT,
          Bpf.SKF_AD_RANDOM,
          Bpf.SKF_AD_VLAN_TPID ->
          true;
      default -> false;
    };
  }

  /** BPF_MOD, and LDX of an IPv4 header's length (BPF_MSH). */
  boolean wide() {
    return this == PACKETS;
  }
}
