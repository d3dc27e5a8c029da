package io.loomvisor.task;

import java.util.Arrays;
import java.util.BitSet;

/** A set of CPUs (sched_setaffinity(2)). Immutable. */
public final class CpuSet {
  private final BitSet cpus;

  private CpuSet(BitSet cpus) {
    this.cpus = cpus;
  }

  /** CPUs 0 to {@code count - 1}. */
  public static CpuSet first(int count) {
    BitSet all = new BitSet(count);
    all.set(0, count);
    return new CpuSet(all);
  }

  /** From a mask of the application, little endian. */
  public static CpuSet of(byte[] mask) {
    return new CpuSet(BitSet.valueOf(mask));
  }

  public CpuSet and(CpuSet other) {
    BitSet both = (BitSet) cpus.clone();
    both.and(other.cpus);
    return new CpuSet(both);
  }

  public boolean isEmpty() {
    return cpus.isEmpty();
  }

  public int size() {
    return cpus.cardinality();
  }

  public boolean contains(int cpu) {
    return cpus.get(cpu);
  }

  /** The lowest one; -1 if it is empty. */
  public int lowest() {
    return cpus.nextSetBit(0);
  }

  /** As a mask of {@code bytes} bytes, little endian. */
  public byte[] mask(int bytes) {
    return Arrays.copyOf(cpus.toByteArray(), bytes);
  }

  /** A copy. */
  public BitSet toBitSet() {
    return (BitSet) cpus.clone();
  }
}
