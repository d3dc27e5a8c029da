package io.loomvisor.kernel.syscall.ptrace;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.CpuFeatures;
import io.loomvisor.task.Task;
import io.loomvisor.task.ptrace.Tracee;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The register sets of PTRACE_GETREGSET, as in a core file (arch/x86/kernel/fpu/regset.c). */
final class RegisterSets {
  static final int NT_PRSTATUS = 1;
  static final int NT_PRFPREG = 2;
  static final int NT_X86_XSTATE = 0x202;

  private static final int FXSAVE_SIZE = 512;
  private static final int MXCSR = 24;
  private static final int MXCSR_BITS = 0xffff;

  /** In the software-reserved bytes of the FXSAVE area: XCR0 (asm/user.h). */
  private static final int XCR0_AT = 464;

  private static final int XSTATE_BV = 512;
  private static final int XSAVE_HEADER = 64;
  private static final long X87_AND_SSE = 3;

  private final CpuFeatures cpu;

  RegisterSets(CpuFeatures cpu) {
    this.cpu = cpu;
  }

  /** Bytes; EINVAL for a set that there is not. */
  int size(long type) {
    return switch ((int) type) {
      case NT_PRSTATUS -> UserRegisters.SIZE;
      case NT_PRFPREG -> FXSAVE_SIZE;
      case NT_X86_XSTATE -> cpu.xsaveSize() > FXSAVE_SIZE ? cpu.xsaveSize() : none();
      default -> none();
    };
  }

  private static int none() {
    throw Errno.EINVAL.exception();
  }

  byte[] get(Tracee t, long type) {
    return switch ((int) type) {
      case NT_PRSTATUS -> UserRegisters.all(t);
      case NT_PRFPREG -> floatingPoint(t.task());
      default -> extended(t.task());
    };
  }

  void set(Tracee t, long type, byte[] values) {
    switch ((int) type) {
      case NT_PRSTATUS -> UserRegisters.setAll(t, values);
      case NT_PRFPREG -> setFloatingPoint(t.task(), values);
      default -> setExtended(t.task(), values);
    }
  }

  static byte[] floatingPoint(Task task) {
    return Arrays.copyOf(task.context().readFpu(), FXSAVE_SIZE);
  }

  /** EINVAL for bits of MXCSR that the CPU has not. */
  static void setFloatingPoint(Task task, byte[] values) {
    if (values.length != FXSAVE_SIZE) {
      throw Errno.EINVAL.exception();
    }
    byte[] state = task.context().readFpu();
    System.arraycopy(values, 0, state, 0, FXSAVE_SIZE);
    ByteBuffer b = ByteBuffer.wrap(state).order(ByteOrder.LITTLE_ENDIAN);
    requireMxcsr(b);
    if (state.length > FXSAVE_SIZE) {
      b.putLong(XSTATE_BV, b.getLong(XSTATE_BV) | X87_AND_SSE);
    }
    task.context().writeFpu(state);
  }

  private byte[] extended(Task task) {
    byte[] state = task.context().readFpu();
    ByteBuffer.wrap(state).order(ByteOrder.LITTLE_ENDIAN).putLong(XCR0_AT, cpu.xcr0());
    return state;
  }

  /** EFAULT unless it is a whole area, EINVAL for a header that the CPU would refuse. */
  private void setExtended(Task task, byte[] values) {
    if (values.length != cpu.xsaveSize()) {
      throw Errno.EFAULT.exception();
    }
    ByteBuffer b = ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN);
    boolean reserved = (b.getLong(XSTATE_BV) & ~cpu.xcr0()) != 0;
    for (int at = 8; at < XSAVE_HEADER; at += 8) {
      reserved |= b.getLong(XSTATE_BV + at) != 0;
    }
    if (reserved) {
      throw Errno.EINVAL.exception();
    }
    requireMxcsr(b);
    b.putLong(XCR0_AT, 0);
    task.context().writeFpu(values);
  }

  private static void requireMxcsr(ByteBuffer b) {
    if ((b.getInt(MXCSR) & ~MXCSR_BITS) != 0) {
      throw Errno.EINVAL.exception();
    }
  }
}
