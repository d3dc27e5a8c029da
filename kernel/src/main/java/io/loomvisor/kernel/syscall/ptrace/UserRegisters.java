package io.loomvisor.kernel.syscall.ptrace;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.Platform;
import io.loomvisor.platform.Registers;
import io.loomvisor.task.Task;
import io.loomvisor.task.ptrace.Tracee;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * struct user_regs_struct of a tracee that is held still (sys/user.h; getreg() and putreg() of
 * arch/x86/kernel/ptrace.c):
 *
 * <pre>
 *   0 r15    8 r14   16 r13   24 r12   32 rbp   40 rbx   48 r11   56 r10   64 r9
 *  72 r8    80 rax   88 rcx   96 rdx  104 rsi  112 rdi  120 orig_rax     128 rip
 * 136 cs   144 eflags  152 rsp  160 ss  168 fs_base  176 gs_base  184 ds 192 es 200 fs 208 gs
 * </pre>
 */
final class UserRegisters {
  static final int SIZE = 27 * 8;

  /** What a tracer may set: CF PF AF ZF SF TF DF OF NT RF AC. NT has no effect here. */
  private static final long FLAG_MASK = 0x54DD5L;

  private static final long TRAP_FLAG = 1 << 8;
  private static final long USER_CS = 0x33;
  private static final long USER_SS = 0x2b;

  private UserRegisters() {}

  static byte[] all(Tracee t) {
    ByteBuffer b = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < SIZE; at += 8) {
      b.putLong(at, get(t, at));
    }
    return b.array();
  }

  /** Sets those at the beginning, one by one: what comes before one that is refused is set. */
  static void setAll(Tracee t, byte[] values) {
    ByteBuffer b = ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < values.length; at += 8) {
      set(t, at, b.getLong(at));
    }
  }

  static long get(Tracee t, int at) {
    Task task = t.task();
    Registers r = task.registers();
    return switch (at) {
      case 0 -> r.r15;
      case 8 -> r.r14;
      case 16 -> r.r13;
      case 24 -> r.r12;
      case 32 -> r.rbp;
      case 40 -> r.rbx;
      case 48 -> r.r11;
      case 56 -> r.r10;
      case 64 -> r.r9;
      case 72 -> r.r8;
      case 80 -> r.rax;
      case 88 -> r.rcx;
      case 96 -> r.rdx;
      case 104 -> r.rsi;
      case 112 -> r.rdi;
      case 120 -> task.syscallNumber();
      case 128 -> r.rip;
      case 136 -> USER_CS;
      case 144 -> t.trapFlagForced() ? r.rflags & ~TRAP_FLAG : r.rflags;
      case 152 -> r.rsp;
      case 160 -> USER_SS;
      case 168 -> r.fsBase;
      case 176 -> r.gsBase;
      default -> 0; // DS, ES, FS and GS
    };
  }

  /** EIO for what Linux refuses, and for selectors other than those that are loaded. */
  static void set(Tracee t, int at, long value) {
    Task task = t.task();
    Registers r = task.registers();
    switch (at) {
      case 0 -> r.r15 = value;
      case 8 -> r.r14 = value;
      case 16 -> r.r13 = value;
      case 24 -> r.r12 = value;
      case 32 -> r.rbp = value;
      case 40 -> r.rbx = value;
      case 48 -> r.r11 = value;
      case 56 -> r.r10 = value;
      case 64 -> r.r9 = value;
      case 72 -> r.r8 = value;
      case 80 -> r.rax = value;
      case 88 -> r.rcx = value;
      case 96 -> r.rdx = value;
      case 104 -> r.rsi = value;
      case 112 -> r.rdi = value;
      case 120 -> task.setSyscallNumber(value);
      case 128 -> r.rip = value;
      case 136 -> requireSelector(value, USER_CS);
      case 144 -> setFlags(t, r, value);
      case 152 -> r.rsp = value;
      case 160 -> requireSelector(value, USER_SS);
      case 168 -> r.fsBase = base(value);
      case 176 -> r.gsBase = base(value);
      default -> requireSelector(value, 0);
    }
  }

  /** The tracer sets the trap flag for good, or leaves it as PTRACE_SINGLESTEP has it. */
  private static void setFlags(Tracee t, Registers r, long value) {
    long flags = value;
    if ((flags & TRAP_FLAG) != 0) {
      t.setTrapFlagForced(false);
    } else if (t.trapFlagForced()) {
      flags |= TRAP_FLAG;
    }
    r.rflags = r.rflags & ~FLAG_MASK | flags & FLAG_MASK;
  }

  private static void requireSelector(long value, long loaded) {
    if ((value & 0xffff) != loaded) {
      throw Errno.EIO.exception();
    }
  }

  private static long base(long value) {
    if (Long.compareUnsigned(value, Platform.MAX_USER_ADDRESS) >= 0) {
      throw Errno.EIO.exception();
    }
    return value;
  }
}
