package io.loomvisor.kernel.signal;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.platform.Registers;
import io.loomvisor.task.Task;
import io.loomvisor.task.signal.SignalAction;
import io.loomvisor.task.signal.SignalInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The frame that a handler runs on (struct rt_sigframe, arch/x86/kernel/signal_64.c).
 *
 * <pre>
 *    0 pretcode
 *    8 ucontext: flags, 16 link, 24 stack (sp, flags, size), 48 sigcontext (256), 304 sigmask
 *  312 siginfo (128)
 *  440 end; above it, 64-byte aligned, the XSAVE area and its closing magic
 * </pre>
 */
final class SignalFrame {
  static final int SS_ONSTACK = 1;
  static final int SS_DISABLE = 2;
  static final int SS_AUTODISARM = 1 << 31;

  private static final int SIZE = 440;
  private static final int FLAGS = 8;
  private static final int STACK = 24;
  private static final int REGISTERS = 48;
  private static final int EFLAGS = REGISTERS + 136;
  private static final int SEGMENTS = REGISTERS + 144;
  private static final int TRAP = REGISTERS + 152;
  private static final int FPSTATE = REGISTERS + 184;
  private static final int MASK = 304;
  private static final int INFO = 312;

  private static final long UC_FP_XSTATE = 1;
  private static final long UC_SIGCONTEXT_SS = 2;
  private static final long UC_STRICT_RESTORE_SS = 4;

  /**
   * FP_XSTATE_MAGIC1 and 2 (asm/sigcontext.h); magic1 stands in the software-reserved bytes of the
   * FXSAVE area.
   */
  private static final int MAGIC1 = 0x46505853;

  private static final int MAGIC2 = 0x46505845;
  private static final int SOFTWARE_RESERVED = 464;
  private static final int FXSAVE_SIZE = 512;
  private static final int XSAVE_HEADER = 64;

  private static final long RED_ZONE = 128;

  /** RFLAGS that sigreturn restores: AC OF DF TF SF ZF AF PF CF, RF. */
  private static final long RESTORED_FLAGS = 0x50DD5L;

  private static final long ALWAYS_SET_FLAGS = 0x202L;
  private static final long CLEARED_FOR_HANDLER = 1L << 10 | 1L << 16 | 1L << 8; // DF, RF, TF

  private SignalFrame() {}

  /**
   * Pushes a frame and points the registers at the handler.
   *
   * @throws LinuxException EFAULT if the stack cannot take it
   */
  static void push(Task task, SignalInfo info, SignalAction action, long mask) {
    Registers r = task.registers();
    Task.TaskSignals signals = task.signals();
    long top = stackTop(task, action);
    byte[] fpu = task.context().readFpu();
    long fpAddress = (top - fpu.length - 4) & -64L;
    long frame = ((fpAddress - SIZE) & -16L) - 8;

    ByteBuffer b = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    b.putLong(0, action.restorer());
    b.putLong(FLAGS, UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS);
    b.putLong(STACK, signals.stackAddress());
    b.putInt(STACK + 8, signals.stackSize() == 0 ? SS_DISABLE : signals.stackFlags());
    b.putLong(STACK + 16, signals.stackSize());
    putRegisters(b, r);
    b.putLong(TRAP, signals.errorCode());
    b.putLong(TRAP + 8, signals.trapNumber());
    b.putLong(TRAP + 16, mask);
    b.putLong(TRAP + 24, signals.faultAddress());
    b.putLong(FPSTATE, fpAddress);
    b.putLong(MASK, mask);
    SigInfoLayout.write(info, b, INFO);

    task.memory().copyOut(fpAddress, withMagic(fpu));
    task.memory().copyOut(frame, b.array());
    task.context().resetFpu(); // Linux: handle_signal, fpu__clear_user_states

    r.rdi = info.signal();
    r.rsi = frame + INFO;
    r.rdx = frame + FLAGS;
    r.rax = 0;
    r.rsp = frame;
    r.rip = action.handler();
    r.rflags &= ~CLEARED_FOR_HANDLER;
    if ((signals.stackFlags() & SS_AUTODISARM) != 0) {
      signals.setStack(0, 0, SS_DISABLE);
    }
  }

  /**
   * Restores what {@link #push} saved; the stack pointer is just above the popped return address.
   * Returns the mask.
   */
  static long pop(Task task) {
    Registers r = task.registers();
    ByteBuffer b =
        ByteBuffer.wrap(task.memory().copyIn(r.rsp - 8, SIZE)).order(ByteOrder.LITTLE_ENDIAN);
    long fpAddress = b.getLong(FPSTATE);
    if (fpAddress == 0) {
      task.context().resetFpu();
    } else {
      task.context().writeFpu(readFpu(task, fpAddress));
    }
    getRegisters(b, r);
    long size = b.getLong(STACK + 16);
    int flags = b.getInt(STACK + 8);
    if ((flags & SS_AUTODISARM) != 0 && size > 0) {
      task.signals().setStack(b.getLong(STACK), size, flags & ~SS_ONSTACK);
    }
    return b.getLong(MASK);
  }

  private static long stackTop(Task task, SignalAction action) {
    Task.TaskSignals s = task.signals();
    long rsp = task.registers().rsp;
    boolean usable = s.stackSize() != 0 && (s.stackFlags() & SS_DISABLE) == 0;
    boolean onIt = usable && Long.compareUnsigned(rsp - s.stackAddress() - 1, s.stackSize()) < 0;
    if (action.has(SignalAction.SA_ONSTACK) && usable && !onIt) {
      return s.stackAddress() + s.stackSize();
    }
    return rsp - RED_ZONE;
  }

  private static byte[] withMagic(byte[] fpu) {
    byte[] area = java.util.Arrays.copyOf(fpu, fpu.length + 4);
    ByteBuffer b = ByteBuffer.wrap(area).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(SOFTWARE_RESERVED, MAGIC1);
    b.putInt(SOFTWARE_RESERVED + 4, area.length);
    b.putLong(SOFTWARE_RESERVED + 8, features(fpu));
    b.putInt(SOFTWARE_RESERVED + 16, fpu.length);
    b.putInt(fpu.length, MAGIC2);
    return area;
  }

  /**
   * XCR0 can be told from the area's size only roughly; the kernel's feature mask is what XSTATE_BV
   * may contain.
   */
  private static long features(byte[] fpu) {
    if (fpu.length <= FXSAVE_SIZE) {
      return 3;
    }
    return fpu.length > 832 ? 0xe7 : 7;
  }

  private static byte[] readFpu(Task task, long address) {
    byte[] legacy = task.memory().copyIn(address, FXSAVE_SIZE);
    ByteBuffer b = ByteBuffer.wrap(legacy).order(ByteOrder.LITTLE_ENDIAN);
    int full = task.context().fpuSize();
    int size = b.getInt(SOFTWARE_RESERVED + 16);
    boolean extended =
        b.getInt(SOFTWARE_RESERVED) == MAGIC1
            && size == full
            && size >= FXSAVE_SIZE + XSAVE_HEADER
            && task.memory().getInt(address + size) == MAGIC2;
    if (extended) {
      return task.memory().copyIn(address, full);
    }
    byte[] state = java.util.Arrays.copyOf(legacy, full);
    if (full > FXSAVE_SIZE) {
      state[FXSAVE_SIZE] = 3; // XSTATE_BV: x87 and SSE are given, the rest is initial
    }
    return state;
  }

  private static void putRegisters(ByteBuffer b, Registers r) {
    long[] values = {
      r.r8, r.r9, r.r10, r.r11, r.r12, r.r13, r.r14, r.r15, r.rdi, r.rsi, r.rbp, r.rbx, r.rdx,
      r.rax, r.rcx, r.rsp, r.rip
    };
    for (int i = 0; i < values.length; i++) {
      b.putLong(REGISTERS + 8 * i, values[i]);
    }
    b.putLong(EFLAGS, r.rflags);
    b.putShort(SEGMENTS, (short) 0x33);
    b.putShort(SEGMENTS + 6, (short) 0x2b);
  }

  private static void getRegisters(ByteBuffer b, Registers r) {
    r.r8 = b.getLong(REGISTERS);
    r.r9 = b.getLong(REGISTERS + 8);
    r.r10 = b.getLong(REGISTERS + 16);
    r.r11 = b.getLong(REGISTERS + 24);
    r.r12 = b.getLong(REGISTERS + 32);
    r.r13 = b.getLong(REGISTERS + 40);
    r.r14 = b.getLong(REGISTERS + 48);
    r.r15 = b.getLong(REGISTERS + 56);
    r.rdi = b.getLong(REGISTERS + 64);
    r.rsi = b.getLong(REGISTERS + 72);
    r.rbp = b.getLong(REGISTERS + 80);
    r.rbx = b.getLong(REGISTERS + 88);
    r.rdx = b.getLong(REGISTERS + 96);
    r.rax = b.getLong(REGISTERS + 104);
    r.rcx = b.getLong(REGISTERS + 112);
    r.rsp = b.getLong(REGISTERS + 120);
    r.rip = b.getLong(REGISTERS + 128);
    long flags = b.getLong(EFLAGS);
    r.rflags = r.rflags & ~RESTORED_FLAGS | flags & RESTORED_FLAGS | ALWAYS_SET_FLAGS;
  }
}
