package io.loomvisor.platform.kvm;

import io.loomvisor.platform.kvm.host.Kvm;
import io.loomvisor.platform.kvm.host.KvmException;
import io.loomvisor.platform.kvm.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The CPUID leaves given to the vCPUs: what KVM supports, minus what the platform cannot offer an
 * application (features whose state is not switched, that need a kernel's help, or that only a
 * kernel can use). Intel SDM vol. 2, CPUID.
 *
 * @param entries leaves in KVM's order
 */
record CpuidTable(List<Entry> entries) {
  /** struct kvm_cpuid_entry2: function, index, flags, eax, ebx, ecx, edx, padding[3]. */
  record Entry(int function, int index, int flags, int eax, int ebx, int ecx, int edx) {}

  private static final int ENTRY_SIZE = 40;
  private static final int HEADER_SIZE = 8;
  private static final int MOST_ENTRIES = 256;

  /** x87, SSE, AVX, and the three parts of AVX-512: the states whose size and rules are fixed. */
  static final long OFFERED_STATES = 0xE7;

  private static final int E2BIG = 7;

  // CPUID.1:ECX: MONITOR 3, VMX 5, SMX 6, EST 7, TM2 8, PDCM 15, DCA 18, x2APIC 21, TSC deadline
  // 24, hypervisor 31
  private static final int HIDDEN_1_ECX =
      1 << 3 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 15 | 1 << 18 | 1 << 21 | 1 << 24 | 1 << 31;
  // CPUID.7:EBX: FSGSBASE 0, HLE 4, RTM 11, RDT-M 12, MPX 14, RDT-A 15, Intel PT 25
  private static final int HIDDEN_7_EBX =
      1 | 1 << 4 | 1 << 11 | 1 << 12 | 1 << 14 | 1 << 15 | 1 << 25;
  // CPUID.7:ECX: PKU 3, OSPKE 4, WAITPKG 5, CET_SS 7, LA57 16, BUS_LOCK 24, ENQCMD 29, PKS 31
  private static final int HIDDEN_7_ECX =
      1 << 3 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 16 | 1 << 24 | 1 << 29 | 1 << 31;
  // CPUID.7:EDX: UINTR 5, RTM_ALWAYS_ABORT 11, TSXLDTRK 16, PCONFIG 18, ARCH_LBR 19, CET_IBT 20,
  // AMX 22 24 25
  private static final int HIDDEN_7_EDX =
      1 << 5 | 1 << 11 | 1 << 16 | 1 << 18 | 1 << 19 | 1 << 20 | 1 << 22 | 1 << 24 | 1 << 25;
  // CPUID.7.1:EAX: FRED 17, LKGS 18, AMX_FP16 21, LAM 26
  private static final int HIDDEN_7_1_EAX = 1 << 17 | 1 << 18 | 1 << 21 | 1 << 26;
  // CPUID.80000001:ECX: SVM 2, EXTAPIC 3, IBS 10, XOP is kept, SKINIT 12, WDT 13, LWP 15, TCE 17,
  // PERFCTR 23 24
  private static final int HIDDEN_EXT_ECX =
      1 << 2 | 1 << 3 | 1 << 10 | 1 << 12 | 1 << 13 | 1 << 15 | 1 << 17 | 1 << 23 | 1 << 24
          | 1 << 29;

  static CpuidTable supported(int kvmFd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = arena.allocate(HEADER_SIZE + (long) MOST_ENTRIES * ENTRY_SIZE, 8);
      table.set(ValueLayout.JAVA_INT, 0, MOST_ENTRIES);
      int r = Libc.ioctl(kvmFd, Kvm.GET_SUPPORTED_CPUID, table.address());
      if (r < 0) {
        throw new KvmException(
            "KVM_GET_SUPPORTED_CPUID" + (r == -E2BIG ? " (too many leaves)" : ""), -r);
      }
      List<Entry> entries = new ArrayList<>();
      for (int i = 0; i < table.get(ValueLayout.JAVA_INT, 0); i++) {
        Entry e = filtered(read(table.asSlice(HEADER_SIZE + (long) i * ENTRY_SIZE, ENTRY_SIZE)));
        if (e != null) {
          entries.add(e);
        }
      }
      return new CpuidTable(withXsaveSize(entries));
    }
  }

  private static Entry read(MemorySegment s) {
    return new Entry(
        s.get(ValueLayout.JAVA_INT, 0),
        s.get(ValueLayout.JAVA_INT, 4),
        s.get(ValueLayout.JAVA_INT, 8),
        s.get(ValueLayout.JAVA_INT, 12),
        s.get(ValueLayout.JAVA_INT, 16),
        s.get(ValueLayout.JAVA_INT, 20),
        s.get(ValueLayout.JAVA_INT, 24));
  }

  /** The entry as applications may see it, null to drop it. */
  private static Entry filtered(Entry e) {
    int f = e.function;
    // Hypervisor leaves, performance counters, Intel PT, SGX, key locker, AMX: nothing an
    // application can use here.
    if (f >= 0x4000_0000 && f < 0x5000_0000 || f == 0x0A || f == 0x12 || f == 0x14 || f == 0x19) {
      return null;
    }
    return switch (f) {
      case 0x1 -> new Entry(f, e.index, e.flags, e.eax, e.ebx, e.ecx & ~HIDDEN_1_ECX, e.edx);
      case 0x7 ->
          e.index == 0
              ? new Entry(
                  f,
                  0,
                  e.flags,
                  e.eax,
                  e.ebx & ~HIDDEN_7_EBX,
                  e.ecx & ~HIDDEN_7_ECX,
                  e.edx & ~HIDDEN_7_EDX)
              : e.index == 1
                  ? new Entry(f, 1, e.flags, e.eax & ~HIDDEN_7_1_EAX, e.ebx, e.ecx, 0)
                  : e;
      case 0xD -> filteredXsave(e);
      case 0x1D, 0x1E -> null;
      case 0x8000_0001 ->
          new Entry(f, e.index, e.flags, e.eax, e.ebx, e.ecx & ~HIDDEN_EXT_ECX, e.edx);
      default -> e;
    };
  }

  private static Entry filteredXsave(Entry e) {
    if (e.index == 0) {
      return new Entry(e.function, 0, e.flags, e.eax & (int) OFFERED_STATES, e.ebx, e.ecx, 0);
    }
    if (e.index == 1) {
      // Keep XSAVEOPT, XSAVEC, XGETBV(1); XSAVES is for kernels and XFD for AMX.
      return new Entry(e.function, 1, e.flags, e.eax & 7, e.ebx, 0, 0);
    }
    return e.index < 64 && (OFFERED_STATES >>> e.index & 1) != 0 ? e : null;
  }

  /**
   * CPUID.D.0:ECX is the size for all states that XCR0 may enable; it must match the filtered list.
   */
  private static List<Entry> withXsaveSize(List<Entry> entries) {
    int size = xsaveSize(entries);
    List<Entry> out = new ArrayList<>(entries.size());
    for (Entry e : entries) {
      out.add(
          e.function == 0xD && e.index == 0 ? new Entry(0xD, 0, e.flags, e.eax, size, size, 0) : e);
    }
    return List.copyOf(out);
  }

  private static int xsaveSize(List<Entry> entries) {
    int size = 512 + 64;
    for (Entry e : entries) {
      if (e.function == 0xD && e.index >= 2) {
        size = Math.max(size, e.eax + e.ebx);
      }
    }
    return size;
  }

  /** The extended states to enable: XCR0. 0 if KVM does not tell of XSAVE at all. */
  long xcr0() {
    for (Entry e : entries) {
      if (e.function == 0xD && e.index == 0) {
        return e.eax & OFFERED_STATES;
      }
    }
    return 0;
  }

  void give(int vcpuFd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = arena.allocate(HEADER_SIZE + (long) entries.size() * ENTRY_SIZE, 8);
      table.set(ValueLayout.JAVA_INT, 0, entries.size());
      for (int i = 0; i < entries.size(); i++) {
        Entry e = entries.get(i);
        int[] words = {e.function, e.index, e.flags, e.eax, e.ebx, e.ecx, e.edx};
        MemorySegment.copy(
            words,
            0,
            table,
            ValueLayout.JAVA_INT,
            HEADER_SIZE + (long) i * ENTRY_SIZE,
            words.length);
      }
      int r = Libc.ioctl(vcpuFd, Kvm.SET_CPUID2, table.address());
      if (r < 0) {
        throw new KvmException("KVM_SET_CPUID2", -r);
      }
    }
  }
}
