package io.loomvisor.platform.kvm;

import io.loomvisor.platform.kvm.host.Kvm;
import io.loomvisor.platform.kvm.host.KvmException;
import io.loomvisor.platform.kvm.host.Libc;
import io.loomvisor.platform.kvm.ring0.Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Brings a new vCPU into 64-bit mode, ring 3 (Intel SDM vol. 3, 2.5 control registers, 3.4.5
 * descriptors).
 */
final class VCpuSetup {
  private static final int EINVAL = 22;

  /** PG AM WP NE ET MP PE. */
  private static final long CR0 = 0x8005_0033L;

  /** PAE PGE OSFXSR OSXMMEXCPT. */
  private static final long CR4 = 0x6A0;

  private static final long CR4_OSXSAVE = 1 << 18;

  /** SCE LME LMA NXE. */
  private static final long EFER = 0xD01;

  private VCpuSetup() {}

  /** Leaves the segment and control registers that were set in {@code sregs}. */
  static void initialise(int index, int fd, CpuidTable cpuid, HostKind kind, MemorySegment sregs) {
    cpuid.give(fd);
    check("KVM_GET_SREGS", Libc.ioctl(fd, Kvm.GET_SREGS, sregs.address()));
    fill(sregs, index);
    setSregs(fd, sregs, cpuid.xcr0() != 0);
    if (cpuid.xcr0() != 0) {
      setXcr0(fd, cpuid.xcr0());
    }
    setMsrs(index, fd, kind);
  }

  private static void fill(MemorySegment s, int index) {
    codeSegment(s, Kvm.CS, Layout.USER_CS);
    for (int segment : new int[] {Kvm.DS, Kvm.ES, Kvm.FS, Kvm.GS, Kvm.SS}) {
      dataSegment(s, segment, segment == Kvm.FS || segment == Kvm.GS ? 0 : Layout.USER_SS);
    }
    s.set(ValueLayout.JAVA_LONG, Kvm.TR, Layout.tss(index));
    s.set(ValueLayout.JAVA_INT, Kvm.TR + Kvm.SEGMENT_LIMIT, Layout.TSS_LIMIT);
    s.set(ValueLayout.JAVA_SHORT, Kvm.TR + Kvm.SEGMENT_SELECTOR, (short) Layout.TSS_SELECTOR);
    bytes(s, Kvm.TR, 11, 0, 0, 0, 0, 0);
    s.set(ValueLayout.JAVA_LONG, Kvm.GDT, Layout.GDT);
    s.set(ValueLayout.JAVA_SHORT, Kvm.GDT + Kvm.DTABLE_LIMIT, (short) Layout.GDT_LIMIT);
    s.set(ValueLayout.JAVA_LONG, Kvm.IDT, Layout.IDT);
    s.set(ValueLayout.JAVA_SHORT, Kvm.IDT + Kvm.DTABLE_LIMIT, (short) Layout.IDT_LIMIT);
    s.set(ValueLayout.JAVA_LONG, Kvm.CR0, CR0);
    s.set(ValueLayout.JAVA_LONG, Kvm.EFER, EFER);
  }

  private static void codeSegment(MemorySegment s, int at, int selector) {
    segment(s, at, selector);
    bytes(s, at, 11, 3, 0, 1, 1, 1);
  }

  private static void dataSegment(MemorySegment s, int at, int selector) {
    segment(s, at, selector);
    bytes(s, at, 3, 3, 1, 1, 0, 1);
  }

  private static void segment(MemorySegment s, int at, int selector) {
    s.set(ValueLayout.JAVA_LONG, at, 0);
    s.set(ValueLayout.JAVA_INT, at + Kvm.SEGMENT_LIMIT, -1);
    s.set(ValueLayout.JAVA_SHORT, at + Kvm.SEGMENT_SELECTOR, (short) selector);
  }

  private static void bytes(
      MemorySegment s, int at, int type, int dpl, int db, int code, int l, int g) {
    s.set(ValueLayout.JAVA_BYTE, at + Kvm.SEGMENT_TYPE, (byte) type);
    s.set(ValueLayout.JAVA_BYTE, at + Kvm.SEGMENT_PRESENT, (byte) 1);
    s.set(ValueLayout.JAVA_BYTE, at + Kvm.SEGMENT_DPL, (byte) dpl);
    s.set(ValueLayout.JAVA_BYTE, at + Kvm.SEGMENT_DB, (byte) db);
    s.set(ValueLayout.JAVA_BYTE, at + Kvm.SEGMENT_S, (byte) code);
    s.set(ValueLayout.JAVA_BYTE, at + Kvm.SEGMENT_L, (byte) l);
    s.set(ValueLayout.JAVA_BYTE, at + Kvm.SEGMENT_G, (byte) g);
    s.set(ValueLayout.JAVA_BYTE, at + Kvm.SEGMENT_G + 2, (byte) 0);
  }

  private static void setSregs(int fd, MemorySegment sregs, boolean xsave) {
    sregs.set(ValueLayout.JAVA_LONG, Kvm.CR4, xsave ? CR4 | CR4_OSXSAVE : CR4);
    int r = Libc.ioctl(fd, Kvm.SET_SREGS, sregs.address());
    if (r == -EINVAL && xsave) {
      // KVM refuses OSXSAVE if its own CPUID lacks XSAVE.
      sregs.set(ValueLayout.JAVA_LONG, Kvm.CR4, CR4);
      r = Libc.ioctl(fd, Kvm.SET_SREGS, sregs.address());
    }
    check("KVM_SET_SREGS", r);
  }

  /** struct kvm_xcrs: nr_xcrs 4, flags 4, then per register: xcr 4, reserved 4, value 8. */
  private static void setXcr0(int fd, long value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment xcrs = arena.allocate(392, 8);
      xcrs.set(ValueLayout.JAVA_INT, 0, 1);
      xcrs.set(ValueLayout.JAVA_LONG, 16, value);
      check("KVM_SET_XCRS", Libc.ioctl(fd, Kvm.SET_XCRS, xcrs.address()));
    }
  }

  private static void setMsrs(int index, int fd, HostKind kind) {
    long mask = kind.entryInRing3() ? Layout.RING3_SYSCALL_MASK : Layout.SYSCALL_MASK;
    long[][] msrs = {
      {Kvm.MSR_STAR, Layout.STAR},
      {Kvm.MSR_LSTAR, Layout.entry(index)},
      {Kvm.MSR_SYSCALL_MASK, mask}
    };
    int done = check("KVM_SET_MSRS", setMsrs(fd, msrs));
    if (done != msrs.length) {
      throw new KvmException("KVM_SET_MSRS refused MSR " + Long.toHexString(msrs[done][0]));
    }
  }

  /**
   * Gives RDTSCP and RDPID their number; false if KVM does not let us, which then does not matter.
   */
  static boolean setTscAux(VCpu vcpu, int value) {
    return setMsrs(vcpu.fd(), new long[][] {{Kvm.MSR_TSC_AUX, value}}) == 1;
  }

  /**
   * struct kvm_msrs: nmsrs 4, pad 4, then per register: index 4, reserved 4, data 8. Returns how
   * many it set.
   */
  private static int setMsrs(int fd, long[][] msrs) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment s = arena.allocate(8 + 16L * msrs.length, 8);
      s.set(ValueLayout.JAVA_INT, 0, msrs.length);
      for (int i = 0; i < msrs.length; i++) {
        s.set(ValueLayout.JAVA_INT, 8 + 16L * i, (int) msrs[i][0]);
        s.set(ValueLayout.JAVA_LONG, 16 + 16L * i, msrs[i][1]);
      }
      return Libc.ioctl(fd, Kvm.SET_MSRS, s.address());
    }
  }

  private static int check(String what, int result) {
    if (result < 0) {
      throw new KvmException(what, -result);
    }
    return result;
  }
}
