package io.loomvisor.platform.kvm.ring0;

/**
 * Where the kernel half lies. Its first 2 MiB of guest-physical memory are the reserved frames,
 * mapped at {@link #BASE}:
 *
 * <pre>
 * frame 0       never used
 *       1       GDT
 *       2       IDT
 *       3       syscall entry (LSTAR), alone on its page
 *       4       exception stubs, iretq
 *       5 6 7   kernel page directory pointer table, page directory, page table
 *       8 + 2n  TSS of vCPU n with its I/O bitmap
 *       9 + 2n  stack of vCPU n
 * </pre>
 */
public final class Layout {
  /** Address of frame 0: the lowest address of the top 2 GiB. */
  public static final long BASE = 0xFFFF_FFFF_8000_0000L;

  /**
   * Index in the top-level table, and in the kernel's page directory pointer table, of {@link
   * #BASE}.
   */
  public static final int PML4_INDEX = 511;

  static final int PDPT_INDEX = 510;

  /** Frames that belong to the kernel half; the memory file gives out those above. */
  public static final int RESERVED_FRAMES = 512;

  static final int GDT_FRAME = 1;
  static final int IDT_FRAME = 2;
  static final int ENTRY_FRAME = 3;
  static final int STUBS_FRAME = 4;
  public static final int PDPT_FRAME = 5;
  static final int PD_FRAME = 6;
  static final int PT_FRAME = 7;
  private static final int FIRST_VCPU_FRAME = 8;

  public static final int MAX_VCPUS = (RESERVED_FRAMES - FIRST_VCPU_FRAME) / 2;

  public static final long GDT = address(GDT_FRAME);
  public static final int GDT_LIMIT = 10 * 8 - 1;
  public static final long IDT = address(IDT_FRAME);

  /** 32 gates. INT n beyond them is #GP, as on a Linux without 32-bit emulation. */
  public static final int IDT_LIMIT = 32 * 16 - 1;

  /** Value of LSTAR. */
  public static final long ENTRY = address(ENTRY_FRAME);

  /** The SYSRET behind the entry's OUT. */
  public static final long SYSRET = ENTRY + 2;

  public static final long STUBS = address(STUBS_FRAME);
  public static final int STUB_SHIFT = 4;
  public static final long IRET = STUBS + 0x200;

  // Selectors. SYSRET wants user data and user code at STAR[63:48] + 8 and + 16.
  public static final int KERNEL_CS = 0x10;
  public static final int KERNEL_SS = 0x18;
  public static final int USER_SS = 0x2B;
  public static final int USER_CS = 0x33;
  public static final int TSS_SELECTOR = 0x40;
  public static final long STAR = 0x23L << 48 | (long) KERNEL_CS << 32;

  /** RFLAGS that SYSCALL clears: AC, NT, IOPL, DF, IF, TF. */
  public static final long SYSCALL_MASK = 0x4_7700;

  public static final int PORT_SYSCALL = 0xF0;
  public static final int PORT_EXCEPTION = 0xF1;

  /** Bytes of the TSS proper; the I/O bitmap follows. */
  static final int TSS_SIZE = 104;

  /** One bit for each of 256 ports, and the byte of ones that the CPU wants behind them. */
  static final int IO_BITMAP_SIZE = 33;

  public static final int TSS_LIMIT = TSS_SIZE + IO_BITMAP_SIZE - 1;

  /** An exception frame without error code: rip, cs, rflags, rsp, ss. */
  public static final int FRAME_SIZE = 40;

  private Layout() {}

  private static long address(int frame) {
    return BASE + ((long) frame << 12);
  }

  public static int tssFrame(int vcpu) {
    return FIRST_VCPU_FRAME + 2 * vcpu;
  }

  public static int stackFrame(int vcpu) {
    return FIRST_VCPU_FRAME + 2 * vcpu + 1;
  }

  public static long tss(int vcpu) {
    return address(tssFrame(vcpu));
  }

  /** RSP0: where the CPU pushes the frames of exceptions from ring 3. */
  public static long stackTop(int vcpu) {
    return address(stackFrame(vcpu)) + 4096;
  }

  /** Where the stack frame that {@link #IRET} pops is written: at the top of the stack. */
  public static long returnFrame(int vcpu) {
    return stackTop(vcpu) - FRAME_SIZE;
  }

  /** IST 1: for double fault, NMI and machine check, which may come at any instruction. */
  static long emergencyStackTop(int vcpu) {
    return address(stackFrame(vcpu)) + 2048;
  }
}
