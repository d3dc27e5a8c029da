package io.loomvisor.kernel.syscall;

import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;

/**
 * The one place that says which syscalls there are, how far each is supported and who serves it.
 * Filled at boot by the families ({@code kernel.syscall.*}), then immutable. {@code
 * docs/syscalls.md} is generated from it.
 */
public final class SyscallTable {
  /** How far a syscall is served. */
  public enum Support {
    FULL,
    PARTIAL,
    NONE
  }

  /**
   * One row.
   *
   * @param note what is missing, or why there is nothing; empty if {@link Support#FULL}
   * @param handler null if {@link Support#NONE}
   */
  public record Entry(SyscallNumber number, Support support, String note, Syscall handler) {
    /** Whether the handler may run on another thread than the task's. */
    public boolean quick() {
      return handler instanceof QuickSyscall;
    }
  }

  private final Entry[] byNumber = new Entry[SyscallNumber.LIMIT];

  private SyscallTable(Map<SyscallNumber, Entry> entries) {
    for (SyscallNumber n : SyscallNumber.values()) {
      byNumber[n.number()] =
          entries.getOrDefault(n, new Entry(n, Support.NONE, "not implemented", null));
    }
  }

  /** The row of {@code number}; null if Linux has no such syscall. */
  public Entry entry(long number) {
    return number >= 0 && number < byNumber.length ? byNumber[(int) number] : null;
  }

  /** The numbers of all calls whose handlers are {@link QuickSyscall}s. */
  public BitSet quick() {
    BitSet numbers = new BitSet();
    for (Entry e : byNumber) {
      if (e != null && e.quick()) {
        numbers.set(e.number().number());
      }
    }
    return numbers;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Collects the rows; a syscall registered twice is a bug. */
  public static final class Builder {
    private final Map<SyscallNumber, Entry> entries = new EnumMap<>(SyscallNumber.class);

    private Builder() {}

    public Builder full(SyscallNumber number, Syscall handler) {
      return add(new Entry(number, Support.FULL, "", handler));
    }

    public Builder partial(SyscallNumber number, String note, Syscall handler) {
      return add(new Entry(number, Support.PARTIAL, note, handler));
    }

    /**
     * Not served, on purpose; the handler throws the errno that applications expect, or is null for
     * ENOSYS.
     */
    public Builder none(SyscallNumber number, String note, Syscall handler) {
      return add(new Entry(number, Support.NONE, note, handler));
    }

    private Builder add(Entry entry) {
      if (entries.put(entry.number(), entry) != null) {
        throw new IllegalStateException(entry.number().linuxName() + " registered twice");
      }
      return this;
    }

    public SyscallTable build() {
      return new SyscallTable(entries);
    }
  }
}
