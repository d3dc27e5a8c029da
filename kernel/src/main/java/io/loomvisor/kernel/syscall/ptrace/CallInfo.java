package io.loomvisor.kernel.syscall.ptrace;

import io.loomvisor.platform.Registers;
import io.loomvisor.task.ptrace.Ptrace;
import io.loomvisor.task.ptrace.Stop;
import io.loomvisor.task.ptrace.Tracee;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * struct ptrace_syscall_info (linux/ptrace.h):
 *
 * <pre>
 *  0 op   1 -   4 arch   8 instruction_pointer   16 stack_pointer
 * 24 entry: nr, 32 args[6]     exit: rval, 32 is_error
 *    seccomp: nr, 32 args[6], 80 ret_data
 * </pre>
 */
final class CallInfo {
  private static final int SIZE = 88;
  private static final int COMMON = 24;
  private static final int ENTRY_END = 80;
  private static final int EXIT_END = 33;
  private static final int SECCOMP_END = 84;
  private static final byte OP_ENTRY = 1;
  private static final byte OP_EXIT = 2;
  private static final byte OP_SECCOMP = 3;
  private static final int ARCH_X86_64 = 0xc000003e;
  private static final long MAX_ERRNO = 4095;

  private CallInfo() {}

  static byte[] of(Tracee t) {
    Registers r = t.task().registers();
    ByteBuffer b = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(4, ARCH_X86_64).putLong(8, r.rip).putLong(16, r.rsp);
    Stop stop = t.stop();
    int end = COMMON;
    if (stop.event() == Ptrace.EVENT_SECCOMP) {
      putCall(b, t, OP_SECCOMP);
      b.putInt(80, (int) t.message());
      end = SECCOMP_END;
    } else if (stop.atCall() && t.message() == Ptrace.EVENTMSG_SYSCALL_ENTRY) {
      putCall(b, t, OP_ENTRY);
      end = ENTRY_END;
    } else if (stop.atCall() && t.message() == Ptrace.EVENTMSG_SYSCALL_EXIT) {
      boolean error = Long.compareUnsigned(r.rax, -MAX_ERRNO) >= 0;
      b.put(0, OP_EXIT).putLong(24, r.rax).put(32, (byte) (error ? 1 : 0));
      end = EXIT_END;
    }
    return Arrays.copyOf(b.array(), end);
  }

  private static void putCall(ByteBuffer b, Tracee t, byte op) {
    Registers r = t.task().registers();
    b.put(0, op).putLong(24, (int) t.task().syscallNumber());
    long[] arguments = {r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9};
    for (int i = 0; i < arguments.length; i++) {
      b.putLong(32 + 8 * i, arguments[i]);
    }
  }
}
