package io.loomvisor.platform.kvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.host.Kvm;
import io.loomvisor.platform.kvm.host.KvmException;
import io.loomvisor.platform.kvm.host.Libc;
import io.loomvisor.platform.kvm.memory.MemoryFileImpl;
import io.loomvisor.platform.kvm.memory.PageTables;
import io.loomvisor.platform.kvm.ring0.EntryCode;
import io.loomvisor.platform.kvm.ring0.Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One virtual CPU. Its fields belong to whoever is inside {@link #gate}, which is for everybody.
 *
 * <p>Registers go in and out through the page shared with KVM (KVM_CAP_SYNC_REGS), so one exit is
 * one KVM_RUN. Segment and control registers go in only when something in them changes.
 */
final class VCpu implements AutoCloseable {
  /** RFLAGS an application may set: CF PF AF ZF SF TF DF OF RF AC ID. */
  private static final long USER_FLAGS = 0x25_0DD5L;

  /** RFLAGS that are always set in ring 3: IF and the reserved one. */
  private static final long FIXED_FLAGS = 0x202;

  private static final long RING0_FLAGS = 0x2;

  /** Where the CPU is between two runs, which decides how it gets to the application. */
  private enum Place {
    /** In ring 3: general registers can be set directly. */
    RING3,
    /** In ring 0 behind the OUT of the syscall entry. */
    SYSCALL_ENTRY,
    /** Elsewhere in ring 0. */
    RING0
  }

  private final int index;
  private final int fd;
  private final int runSize;
  private final MemorySegment run;

  /**
   * What struct kvm_regs of {@link #run} says, or is to say before KVM_RUN: copied as a whole,
   * since an access to a segment takes an interpreter, and a compiler's first attempt, as long as
   * that.
   */
  private final long[] regs = new long[Kvm.REGS];

  private final MemorySegment errno;
  private final MemorySegment events;
  private final MemorySegment memory;

  /** Initial segment and control registers, ring 3; the base of every change. */
  private final MemorySegment sregs;

  /**
   * SREGS come with every exit: FS and GS bases may change natively, or the exit is slow anyway.
   */
  private final boolean sregsEveryExit;

  final RunGate gate = new RunGate(this::setImmediateExit);

  /** Whose FPU state is in the CPU; null if nobody's. */
  private KvmContext loaded;

  /** Who may post calls from here; read by the poller. */
  private volatile Posting posting;

  /** Whose run may stand by here; read by others who may serve it. */
  private volatile Posting standing;

  /** Whoever of the two it is in the present run; null for none. */
  private Posting poster;

  // What the desk says.
  private int spins;
  private int awaited = Layout.NO_CALL;
  private int awaitedArgument;

  private Place place = Place.RING3;
  private long loadedRoot = -1;
  private long loadedFsBase;
  private long loadedGsBase;

  /** An OUT or IN of the application is waiting in KVM to be completed. */
  private boolean completionPending;

  VCpu(int index, int fd, int runSize, MemoryFileImpl memory, CpuidTable cpuid, HostKind kind) {
    this.index = index;
    this.fd = fd;
    this.runSize = runSize;
    this.memory = memory.whole();
    this.sregsEveryExit = kind.entryInRing3();
    long address = Libc.mmap(runSize, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, fd, 0);
    if (address < 0 && address > -4096) {
      throw new KvmException("mmap of the vCPU", (int) -address);
    }
    run = MemorySegment.ofAddress(address).reinterpret(runSize);
    errno = Arena.ofAuto().allocate(Libc.errnoLayout());
    events = Arena.ofAuto().allocate(Kvm.VCPU_EVENTS_SIZE, 8);
    sregs = Arena.ofAuto().allocate(Kvm.SREGS_SIZE, 8);
    VCpuSetup.initialise(index, fd, cpuid, kind, sregs);
    MemorySegment.copy(sregs, 0, run, Kvm.RUN_SREGS, Kvm.SREGS_SIZE);
    run.set(
        JAVA_LONG,
        Kvm.RUN_VALID_REGS,
        sregsEveryExit ? Kvm.SYNC_REGS | Kvm.SYNC_SREGS : Kvm.SYNC_REGS);
  }

  int index() {
    return index;
  }

  /** For set-up only: afterwards the descriptor is used through the gate. */
  int fd() {
    return fd;
  }

  /** Rate of the guest's time-stamp counter; 0 if KVM does not tell. For set-up only. */
  int tscKhz() {
    return Math.max(0, Libc.ioctl(fd, Kvm.GET_TSC_KHZ, 0));
  }

  /**
   * How far KVM believes the guest's counter ahead of the host's; null if it does not tell. For
   * set-up only.
   */
  Long tscOffset() {
    return TscCalibration.kvmOffset(fd);
  }

  /** Takes the FPU state out. Inside the gate. */
  void save(FpuState fpu) {
    fpu.save(fd);
  }

  /** Puts an FPU state in. Inside the gate. */
  void load(FpuState fpu) {
    fpu.load(fd);
  }

  KvmContext loaded() {
    return loaded;
  }

  void setLoaded(KvmContext context) {
    loaded = context;
  }

  /** The slot of the task that runs here from now on; null for none. Inside the gate. */
  void answerFrom(AnswerSlots.Slot slot) {
    long address = slot == null ? Layout.emptySlot(index) : slot.address();
    memory.set(JAVA_LONG, Layout.desk(index), address);
  }

  /** How the task that runs next posts its calls. Inside the gate. */
  void postTo(Posting to, int spinning) {
    int now = index < Layout.POSTING_VCPUS ? spinning : 0;
    polled(now == 0 ? null : to, now);
    standsBy(null, Layout.NO_CALL);
    if (now != 0) {
      memory.set(JAVA_LONG, Layout.deskArea(index), to.address());
      to.enter();
    }
  }

  private void polled(Posting who, int spinning) {
    poster = who;
    if (posting != who) {
      posting = who;
    }
    if (spinning != spins) {
      spins = spinning;
      memory.set(JAVA_INT, Layout.deskSpins(index), spinning);
    }
  }

  /**
   * The task that runs next stands by with that call.
   *
   * @param argument EDI, or ESI of futex(2)
   * @param patience how often to look for an answer
   * @param happened as far as the task knows
   * @return false if nothing can be posted from here
   */
  boolean standBy(Posting to, int number, int argument, int patience, int happened) {
    if (index >= Layout.POSTING_VCPUS) {
      return false;
    }
    polled(null, 0);
    poster = to;
    if (argument != awaitedArgument) {
      awaitedArgument = argument;
      memory.set(JAVA_INT, Layout.deskAwaitedArgument(index), argument);
    }
    memory.set(JAVA_INT, Layout.deskPatience(index), patience);
    memory.set(JAVA_LONG, Layout.deskArea(index), to.address());
    see(happened);
    to.enterStandingBy(this, number);
    standsBy(to, number);
    return true;
  }

  private void standsBy(Posting who, int number) {
    if (standing != who) {
      standing = who;
    }
    if (number != awaited) {
      awaited = number;
      memory.set(JAVA_INT, Layout.deskAwaited(index), number);
    }
  }

  /** The call with which the task stands by here has been tried. By who serves it. */
  void see(int happened) {
    memory.set(JAVA_INT, Layout.deskSeen(index), happened);
  }

  /** Whose run may stand by here; null for none. Any thread. */
  Posting standing() {
    return standing;
  }

  /** Who may post from here; null if nobody. Any thread. */
  Posting posting() {
    return posting;
  }

  /** Any thread: gets the application out, if it runs here. */
  void kick() {
    gate.kick();
  }

  private void setImmediateExit(boolean on) {
    run.set(JAVA_BYTE, Kvm.RUN_IMMEDIATE_EXIT, (byte) (on ? 1 : 0));
  }

  void quiesce(long root) {
    gate.quiesce(root);
  }

  void quiesceAny() {
    gate.quiesce(RunGate.ANY);
  }

  /**
   * Runs the application from {@code r} in {@code tables} until it exits; {@code r} is then up to
   * date. Inside the gate.
   *
   * @return null if the application did nothing that the kernel must know of: leave the gate and
   *     come again
   */
  Exit run(Registers r, PageTables tables) {
    if (completionPending) {
      completeIo();
      return null;
    }
    load(r, tables.root());
    int result = Libc.ioctl(errno, fd, Kvm.RUN, 0);
    MemorySegment.copy(run, JAVA_LONG, Kvm.RUN_REGS, regs, 0, Kvm.REGS);
    return ended(result, r, tables);
  }

  private Exit ended(int result, Registers r, PageTables tables) {
    if (result == -Libc.EINTR || result == -Libc.EAGAIN) {
      if (run.get(JAVA_LONG, Kvm.RUN_DIRTY_REGS) != 0) {
        // KVM has not been entered and has not taken the registers: they are still what r says.
        run.set(JAVA_LONG, Kvm.RUN_DIRTY_REGS, 0);
        place = Place.RING0;
        loadedRoot = -1;
        return null;
      }
      return interrupted(r);
    }
    if (result < 0) {
      throw new KvmException("KVM_RUN on vCPU " + index, -result);
    }
    return decode(r, tables);
  }

  /**
   * Puts the registers where KVM takes them from, by the cheapest way into ring 3 from where the
   * CPU is.
   */
  private void load(Registers r, long root) {
    long fs = canonical(r.fsBase);
    long gs = canonical(r.gsBase);
    long rflags = r.rflags & USER_FLAGS | FIXED_FLAGS;
    storeGeneral(r);
    if (root != loadedRoot || fs != loadedFsBase || gs != loadedGsBase) {
      MemorySegment.copy(sregs, 0, run, Kvm.RUN_SREGS, Kvm.SREGS_SIZE);
      run.set(JAVA_LONG, Kvm.RUN_SREGS + Kvm.CR3, root << 12);
      run.set(JAVA_LONG, Kvm.RUN_SREGS + Kvm.FS, fs);
      run.set(JAVA_LONG, Kvm.RUN_SREGS + Kvm.GS, gs);
      loadedRoot = root;
      loadedFsBase = fs;
      loadedGsBase = gs;
      run.set(JAVA_LONG, Kvm.RUN_DIRTY_REGS, Kvm.SYNC_REGS | Kvm.SYNC_SREGS);
      storeEntry(r.rip, r.rsp, rflags);
      return;
    }
    run.set(JAVA_LONG, Kvm.RUN_DIRTY_REGS, Kvm.SYNC_REGS);
    switch (place) {
      case RING3 -> storeEntry(r.rip, r.rsp, rflags);
      case SYSCALL_ENTRY -> {
        if (r.rcx == r.rip && r.r11 == rflags) {
          storeEntry(Layout.entry(index) + EntryCode.SYSRET, r.rsp, RING0_FLAGS);
        } else {
          storeFrame(r.rip, rflags, r.rsp);
        }
      }
      case RING0 -> storeFrame(r.rip, rflags, r.rsp);
    }
  }

  private void storeEntry(long rip, long rsp, long rflags) {
    regs[Kvm.RIP] = rip;
    regs[Kvm.RSP] = rsp;
    regs[Kvm.RFLAGS] = rflags;
    MemorySegment.copy(regs, 0, run, JAVA_LONG, Kvm.RUN_REGS, Kvm.REGS);
  }

  /** Enters ring 3 by IRET: its frame goes to the top of this vCPU's stack. */
  private void storeFrame(long rip, long rflags, long rsp) {
    long frame = Layout.returnFrame(index);
    long at = frame - Layout.BASE;
    memory.set(JAVA_LONG, at, rip);
    memory.set(JAVA_LONG, at + 8, Layout.USER_CS);
    memory.set(JAVA_LONG, at + 16, rflags);
    memory.set(JAVA_LONG, at + 24, rsp);
    memory.set(JAVA_LONG, at + 32, Layout.USER_SS);
    storeEntry(Layout.IRET, frame, RING0_FLAGS);
  }

  private void storeGeneral(Registers r) {
    long[] to = regs;
    to[Kvm.RAX] = r.rax;
    to[Kvm.RBX] = r.rbx;
    to[Kvm.RCX] = r.rcx;
    to[Kvm.RDX] = r.rdx;
    to[Kvm.RSI] = r.rsi;
    to[Kvm.RDI] = r.rdi;
    to[Kvm.RBP] = r.rbp;
    to[Kvm.R8] = r.r8;
    to[Kvm.R9] = r.r9;
    to[Kvm.R10] = r.r10;
    to[Kvm.R11] = r.r11;
    to[Kvm.R12] = r.r12;
    to[Kvm.R13] = r.r13;
    to[Kvm.R14] = r.r14;
    to[Kvm.R15] = r.r15;
  }

  private void fetchGeneral(Registers r) {
    long[] from = regs;
    r.rax = from[Kvm.RAX];
    r.rbx = from[Kvm.RBX];
    r.rcx = from[Kvm.RCX];
    r.rdx = from[Kvm.RDX];
    r.rsi = from[Kvm.RSI];
    r.rdi = from[Kvm.RDI];
    r.rbp = from[Kvm.RBP];
    r.r8 = from[Kvm.R8];
    r.r9 = from[Kvm.R9];
    r.r10 = from[Kvm.R10];
    r.r11 = from[Kvm.R11];
    r.r12 = from[Kvm.R12];
    r.r13 = from[Kvm.R13];
    r.r14 = from[Kvm.R14];
    r.r15 = from[Kvm.R15];
    if (sregsEveryExit) {
      loadedFsBase = run.get(JAVA_LONG, Kvm.RUN_SREGS + Kvm.FS);
      loadedGsBase = run.get(JAVA_LONG, Kvm.RUN_SREGS + Kvm.GS);
      r.fsBase = loadedFsBase;
      r.gsBase = loadedGsBase;
    }
  }

  private Exit decode(Registers r, PageTables tables) {
    int reason = run.get(JAVA_INT, Kvm.RUN_EXIT_REASON);
    return switch (reason) {
      case Kvm.EXIT_IO -> portAccess(r, tables);
      case Kvm.EXIT_INTR -> interrupted(r);
      case Kvm.EXIT_INTERNAL_ERROR -> internalError(r);
      case Kvm.EXIT_FAIL_ENTRY ->
          throw lost(
              "entry failed, hardware reason "
                  + Long.toHexString(run.get(JAVA_LONG, Kvm.RUN_FAIL_ENTRY_REASON)));
      case Kvm.EXIT_SHUTDOWN -> throw lost("triple fault");
      default -> throw lost("exit reason " + reason);
    };
  }

  private Exit portAccess(Registers r, PageTables tables) {
    long rip = regs[Kvm.RIP];
    Exit exit = stub(r, rip);
    if (exit != null) {
      return exit;
    }
    if (rip < 0) {
      completionPending = true;
      throw lost("port access at " + Long.toHexString(rip));
    }
    // The application's own OUT or IN, which the I/O bitmap had to allow for the sake of the entry
    // stub.
    fetchUser(r);
    place = Place.RING3;
    completionPending = true;
    if (run.get(JAVA_BYTE, Kvm.RUN_IO_DIRECTION) != 0) {
      r.rip = startOfOut(r.rip, tables);
    }
    return new Exit.Fault(13, 0);
  }

  /**
   * KVM has emulated an OUT of the application and stepped over it; Linux's SIGSEGV points at the
   * instruction.
   */
  private long startOfOut(long rip, PageTables tables) {
    int before = codeByte(rip - 2, tables);
    if (before == 0xE6 || before == 0xE7) {
      return rip - 2;
    }
    before = codeByte(rip - 1, tables);
    return before == 0xEE || before == 0xEF ? rip - 1 : rip;
  }

  private int codeByte(long address, PageTables tables) {
    long frame = tables.lookup(address, AddressSpace.EXEC);
    return frame == MemoryFile.NO_FRAME
        ? -1
        : memory.get(JAVA_BYTE, frame << 12 | address & 0xFFF) & 0xFF;
  }

  /** What happened if RIP is in one of our stubs, null if it is elsewhere. */
  private Exit stub(Registers r, long rip) {
    // KVM reports an OUT with RIP at or behind the instruction, depending on how it was executed.
    int offset = Layout.entryOffset(rip);
    if (offset == EntryCode.LEAVE || offset == EntryCode.SYSRET) {
      entered(r);
      place = sregsEveryExit ? Place.RING3 : Place.SYSCALL_ENTRY;
      return Exit.Syscall.INSTANCE;
    }
    if (EntryCode.leavesPosted(offset, sregsEveryExit)) {
      entered(r);
      place = sregsEveryExit ? Place.RING3 : Place.SYSCALL_ENTRY;
      if (posts()) {
        poster.leftPosted();
      }
      return Exit.Syscall.INSTANCE;
    }
    if (rip >= Layout.STUBS && rip < Layout.IRET) {
      return exception(r, (int) (rip - Layout.STUBS) >>> Layout.STUB_SHIFT);
    }
    return null;
  }

  /** Applications may come to the code that posts by a jump: then nothing has been posted. */
  private boolean posts() {
    return poster != null && poster.entered();
  }

  /** SYSCALL has saved where the application was. */
  private void entered(Registers r) {
    fetchGeneral(r);
    r.rsp = regs[Kvm.RSP];
    r.rip = r.rcx;
    r.rflags = r.r11;
  }

  /** The CPU has pushed a frame: [error code] rip cs rflags rsp ss. */
  private Exit exception(Registers r, int vector) {
    fetchGeneral(r);
    place = Place.RING0;
    long at = regs[Kvm.RSP] - Layout.BASE;
    long page = (long) Layout.stackFrame(index) << 12;
    if (at < page || at > page + 4096 - Layout.FRAME_SIZE) {
      throw lost("exception " + vector + " with stack at " + Long.toHexString(at + Layout.BASE));
    }
    long code = 0;
    if (hasErrorCode(vector)) {
      code = memory.get(JAVA_LONG, at);
      at += 8;
    }
    r.rip = memory.get(JAVA_LONG, at);
    r.rflags = memory.get(JAVA_LONG, at + 16);
    r.rsp = memory.get(JAVA_LONG, at + 24);
    if ((memory.get(JAVA_LONG, at + 8) & 3) != 3) {
      throw lost("exception " + vector + " in ring 0 at " + Long.toHexString(r.rip));
    }
    if (vector == 14) {
      return new Exit.PageFault(cr2(), (code & 2) != 0, (code & 16) != 0, (code & 1) != 0);
    }
    if (vector == 2 || vector == 8 || vector == 18) {
      throw lost("exception " + vector + " at " + Long.toHexString(r.rip));
    }
    return new Exit.Fault(vector, code);
  }

  private static boolean hasErrorCode(int vector) {
    return switch (vector) {
      case 8, 10, 11, 12, 13, 14, 17, 21, 29, 30 -> true;
      default -> false;
    };
  }

  private long cr2() {
    if (!sregsEveryExit) {
      readSregs();
    }
    return run.get(JAVA_LONG, Kvm.RUN_SREGS + Kvm.CR2);
  }

  private void readSregs() {
    int r = Libc.ioctl(errno, fd, Kvm.GET_SREGS, run.address() + Kvm.RUN_SREGS);
    if (r < 0) {
      throw new KvmException("KVM_GET_SREGS", -r);
    }
  }

  /** A signal came. The CPU is in the application, or in a stub on the way in or out. */
  private Exit interrupted(Registers r) {
    dropException();
    long rip = regs[Kvm.RIP];
    if (rip >= 0) {
      fetchUser(r);
      place = Place.RING3;
      return null;
    }
    int offset = Layout.entryOffset(rip);
    if (rip == Layout.IRET || offset == EntryCode.SYSRET && place == Place.SYSCALL_ENTRY) {
      // On the way in, before the step into ring 3: the registers are still what r says.
      place = Place.RING0;
      return null;
    }
    Exit exit = offset >= 0 ? interruptedEntry(r, offset) : stub(r, rip);
    if (exit == null) {
      throw lost("interrupted at " + Long.toHexString(rip));
    }
    return exit;
  }

  /**
   * The entry code has not left the guest yet. Whatever it was about to answer it has not answered:
   * the kernel serves the call instead.
   */
  private Exit interruptedEntry(Registers r, int offset) {
    entered(r);
    int number = EntryCode.numberAt(offset);
    if (number >= 0) {
      r.rax = number;
    } else if (posts()) {
      interruptedPosting(r, EntryCode.progress(offset, sregsEveryExit));
    }
    place = sregsEveryExit ? Place.RING3 : Place.RING0;
    return Exit.Syscall.INSTANCE;
  }

  private void interruptedPosting(Registers r, EntryCode.Progress progress) {
    switch (progress) {
      case NONE -> {}
      case SAVED -> poster.restore(r, index, false);
      case COUNTING -> poster.restore(r, index, true);
      case POSTED -> {
        poster.restore(r, index, true);
        poster.leftPosted();
      }
    }
  }

  /**
   * An exception whose delivery a fault of KVM's own has broken off (its stack page was not mapped,
   * say) waits in KVM to be injected with the next entry, which may be another task's. The
   * instruction will raise it again instead.
   */
  private void dropException() {
    check("KVM_GET_VCPU_EVENTS", Libc.ioctl(errno, fd, Kvm.GET_VCPU_EVENTS, events.address()));
    boolean waiting =
        events.get(JAVA_BYTE, Kvm.EVENTS_INJECTED) != 0
            || events.get(JAVA_BYTE, Kvm.EVENTS_PENDING) != 0;
    if (waiting) {
      events.set(JAVA_BYTE, Kvm.EVENTS_INJECTED, (byte) 0);
      events.set(JAVA_BYTE, Kvm.EVENTS_PENDING, (byte) 0);
      check("KVM_SET_VCPU_EVENTS", Libc.ioctl(errno, fd, Kvm.SET_VCPU_EVENTS, events.address()));
    }
  }

  private static void check(String what, int result) {
    if (result < 0) {
      throw new KvmException(what, -result);
    }
  }

  private void fetchUser(Registers r) {
    fetchGeneral(r);
    r.rip = regs[Kvm.RIP];
    r.rsp = regs[Kvm.RSP];
    r.rflags = regs[Kvm.RFLAGS];
  }

  /**
   * KVM could not emulate an instruction. If it was the application's, the application gets #UD for
   * it.
   */
  private Exit internalError(Registers r) {
    int suberror = run.get(JAVA_INT, Kvm.RUN_INTERNAL_SUBERROR);
    long rip = regs[Kvm.RIP];
    if (suberror == Kvm.INTERNAL_ERROR_EMULATION && rip >= 0) {
      fetchUser(r);
      place = Place.RING3;
      loadedRoot = -1;
      return new Exit.Fault(6, 0);
    }
    throw lost("internal error " + suberror);
  }

  /**
   * Finishes an IN or OUT inside KVM without running the guest. A kick that comes meanwhile may be
   * lost, so the caller must leave the gate before it runs the application.
   */
  private void completeIo() {
    completionPending = false;
    setImmediateExit(true);
    run.set(JAVA_LONG, Kvm.RUN_DIRTY_REGS, 0);
    int result = Libc.ioctl(errno, fd, Kvm.RUN, 0);
    setImmediateExit(false);
    loadedRoot = -1;
    if (result < 0 && result != -Libc.EINTR) {
      throw new KvmException("KVM_RUN completing a port access", -result);
    }
  }

  /** The CPU is in a state that no application can bring about: give up on this context, loudly. */
  private KvmException lost(String what) {
    loadedRoot = -1;
    place = Place.RING0;
    return new KvmException(
        "vCPU " + index + ": " + what + ", rip " + Long.toHexString(regs[Kvm.RIP]));
  }

  private static long canonical(long address) {
    return address << 16 >> 16;
  }

  /** Gets the runner out and waits for it; nobody gets in any more. */
  void shut() {
    gate.close();
  }

  @Override
  public void close() {
    shut();
    Libc.munmap(run.address(), runSize);
    Libc.close(fd);
  }
}
