package io.loomvisor.platform.kvm.ring0;

/**
 * Where the kernel half lies. Its first 2 MiB of guest-physical memory are the reserved frames,
 * mapped at {@link #BASE}:
 *
 * <pre>
 * frame 0        never used
 *       1        GDT
 *       2        IDT
 *       4        exception stubs, iretq
 *       5 6 7    kernel page directory pointer table, page directory, page table of these 2 MiB
 *       8        page table of the 2 MiB above them, where the slots lie
 *       9        what the machine tells the entry code: how many tasks wait for a vCPU,
 *                whether somebody may have been woken, and which calls may be posted
 *       12 + 4n  TSS of vCPU n with its I/O bitmap
 *       13 + 4n  stack of vCPU n
 *       14 + 4n  syscall entry of vCPU n (LSTAR), alone on its page
 *       15 + 4n  desk of vCPU n: where the slot of its task lies, a slot for those without, and
 *                how and where to post calls
 * </pre>
 *
 * <p>The slots, one for each task, hold what the entry code answers by itself (entry.S). Their
 * pages come from the memory file as they are needed. Guests read desks and slots and write
 * neither; on a host whose SYSCALL stays in ring 3 applications can read all of them.
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
  static final int STUBS_FRAME = 4;
  public static final int PDPT_FRAME = 5;
  static final int PD_FRAME = 6;
  static final int PT_FRAME = 7;
  static final int SLOTS_PT_FRAME = 8;
  static final int MACHINE_FRAME = 9;
  static final int FIRST_VCPU_FRAME = 12;
  static final int VCPU_FRAMES = 4;

  // Which of the frames of a vCPU is what.
  static final int TSS = 0;
  static final int STACK = 1;
  static final int ENTRY = 2;
  static final int DESK = 3;

  public static final int MAX_VCPUS = (RESERVED_FRAMES - FIRST_VCPU_FRAME) / VCPU_FRAMES;

  /** First slot; the page table has room for so many pages of them. */
  public static final long SLOTS = address(RESERVED_FRAMES);

  public static final int SLOT_PAGES = 512;
  public static final int SLOT_SIZE = 64;

  /** Offset in the desk of a slot that allows no answers. */
  private static final int EMPTY_SLOT = 64;

  /** Offset in the desk of how often the entry code looks for an answer to what it has posted. */
  private static final int DESK_SPINS = 8;

  /** Offset in the desk of the number of the call with which the task stands by. */
  private static final int DESK_AWAITED = 12;

  /** Offset in the desk of the address of the area in the call page of the task that runs. */
  private static final int DESK_AREA = 16;

  /** Offset in the desk of the address of the vCPU's scratch word in the call page. */
  private static final int DESK_SCRATCH = 24;

  /** Offset in the desk of an argument of the call with which the task stands by. */
  private static final int DESK_AWAITED_ARGUMENT = 32;

  /** Offset in the desk of how often the entry code looks for an answer to an awaited call. */
  private static final int DESK_PATIENCE = 36;

  /** Offset in the desk of what {@link #HAPPENED} said when the awaited call was last tried. */
  private static final int DESK_SEEN = 40;

  /**
   * The call page of an address space (entry.S): above what Linux lets applications map, and so
   * beyond the reach of every system call's pointers.
   */
  public static final long CALL_PAGE = 0x7FFF_FFFF_F000L;

  public static final int CALL_AREA_SIZE = 64;

  /** Offset in the call page of the scratch words; before it lie the areas. */
  public static final int SCRATCH_WORDS = 0xE00;

  public static final int CALL_AREAS = SCRATCH_WORDS / CALL_AREA_SIZE;

  /** vCPUs beyond have no scratch word, and post nothing. */
  public static final int POSTING_VCPUS = (4096 - SCRATCH_WORDS) / 8;

  /** Offset in memory of the set of calls that may be posted. */
  public static final long POSTABLE = ((long) MACHINE_FRAME << 12) + 64;

  public static final int POSTABLE_LIMIT = 512;

  /** Offset in memory of the count of tasks that wait for a vCPU. */
  public static final long WAITING = (long) MACHINE_FRAME << 12;

  /** Offset in memory of a word that changes when those who stand by may have been woken. */
  public static final long HAPPENED = WAITING + 4;

  /** For {@link #deskAwaited}: the task stands by with no call. */
  public static final int NO_CALL = -1;

  public static final long GDT = address(GDT_FRAME);
  public static final int GDT_LIMIT = 10 * 8 - 1;
  public static final long IDT = address(IDT_FRAME);

  /** 32 gates. INT n beyond them is #GP, as on a Linux without 32-bit emulation. */
  public static final int IDT_LIMIT = 32 * 16 - 1;

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

  /**
   * The same where the entry runs in ring 3 and may go back to the application without SYSRET: all
   * flags stay but TF, which would trap in the entry.
   */
  public static final long RING3_SYSCALL_MASK = 0x100;

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

  private static int frame(int vcpu, int which) {
    return FIRST_VCPU_FRAME + VCPU_FRAMES * vcpu + which;
  }

  public static int tssFrame(int vcpu) {
    return frame(vcpu, TSS);
  }

  public static int stackFrame(int vcpu) {
    return frame(vcpu, STACK);
  }

  /** Value of LSTAR. */
  public static long entry(int vcpu) {
    return address(frame(vcpu, ENTRY));
  }

  /** Offset in memory of the word that points to the slot of the task that runs. */
  public static long desk(int vcpu) {
    return (long) frame(vcpu, DESK) << 12;
  }

  public static long deskSpins(int vcpu) {
    return desk(vcpu) + DESK_SPINS;
  }

  public static long deskArea(int vcpu) {
    return desk(vcpu) + DESK_AREA;
  }

  public static long deskAwaited(int vcpu) {
    return desk(vcpu) + DESK_AWAITED;
  }

  public static long deskAwaitedArgument(int vcpu) {
    return desk(vcpu) + DESK_AWAITED_ARGUMENT;
  }

  public static long deskPatience(int vcpu) {
    return desk(vcpu) + DESK_PATIENCE;
  }

  public static long deskSeen(int vcpu) {
    return desk(vcpu) + DESK_SEEN;
  }

  static long deskScratch(int vcpu) {
    return desk(vcpu) + DESK_SCRATCH;
  }

  /** Offset in the call page of a vCPU's scratch word. */
  public static int scratch(int vcpu) {
    return SCRATCH_WORDS + 8 * vcpu;
  }

  /** Address of the slot of a task without one. */
  public static long emptySlot(int vcpu) {
    return BASE + desk(vcpu) + EMPTY_SLOT;
  }

  /** Where in the entry code {@code rip} is, whichever vCPU's copy it is; -1 if elsewhere. */
  public static int entryOffset(long rip) {
    long frame = (rip - BASE >> 12) - FIRST_VCPU_FRAME;
    boolean inside = frame >= 0 && frame < (long) MAX_VCPUS * VCPU_FRAMES;
    return inside && frame % VCPU_FRAMES == ENTRY ? (int) rip & 0xFFF : -1;
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
