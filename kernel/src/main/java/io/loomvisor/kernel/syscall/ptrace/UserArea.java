package io.loomvisor.kernel.syscall.ptrace;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.ptrace.Tracee;

/**
 * struct user, which PTRACE_PEEKUSER and POKEUSER see word by word (sys/user.h): the registers at
 * 0, u_debugreg[8] at 848, of which 4 and 5 do not exist; 928 bytes, error code and fault address
 * included, in the kernel.
 *
 * <p>There are no hardware breakpoints: the addresses read as 0, and one that is to be enabled is
 * refused as by a Linux that has none left to give (ENOSPC).
 */
final class UserArea {
  private static final int SIZE = 928;
  private static final int DEBUG_REGISTERS = 848;
  private static final int DR4 = DEBUG_REGISTERS + 4 * 8;
  private static final int DR5 = DEBUG_REGISTERS + 5 * 8;
  private static final int DR6 = DEBUG_REGISTERS + 6 * 8;
  private static final int DR7 = DEBUG_REGISTERS + 7 * 8;

  /** L0 G0 to L3 G3: which breakpoints are on. */
  private static final long DR7_ENABLED = 0xff;

  private UserArea() {}

  static long peek(Tracee t, long address) {
    int at = checked(address);
    return at < UserRegisters.SIZE ? UserRegisters.get(t, at) : 0;
  }

  static void poke(Tracee t, long address, long value) {
    int at = checked(address);
    if (at < UserRegisters.SIZE) {
      UserRegisters.set(t, at, value);
      return;
    }
    if (at < DEBUG_REGISTERS || at == DR4 || at == DR5) {
      throw Errno.EIO.exception();
    }
    boolean harmless = at == DR6 || (at == DR7 ? (value & DR7_ENABLED) == 0 : value == 0);
    if (!harmless) {
      throw Errno.ENOSPC.exception();
    }
  }

  private static int checked(long address) {
    if ((address & 7) != 0 || Long.compareUnsigned(address, SIZE) >= 0) {
      throw Errno.EIO.exception();
    }
    return (int) address;
  }
}
