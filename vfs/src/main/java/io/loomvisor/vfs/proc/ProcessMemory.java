package io.loomvisor.vfs.proc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The byte ranges that exec left in the address space: arguments and environment. */
final class ProcessMemory {
  /**
   * More than exec allows, so that bounds moved by prctl(PR_SET_MM) cannot make the sentry hold
   * more.
   */
  private static final int MAX = 6 << 20;

  private ProcessMemory() {}

  static byte[] environment(ProcessView view) {
    MemoryStatus m = view.memory();
    return m == null
        ? new byte[0]
        : read(view, m.bounds().environmentStart(), m.bounds().environmentEnd());
  }

  /**
   * The arguments. A process that has overwritten the final NUL (setproctitle(3)) shows one string
   * instead, which may reach into its environment.
   */
  static byte[] arguments(ProcessView view) {
    MemoryStatus m = view.memory();
    if (m == null) {
      return new byte[0];
    }
    MemoryStatus.Bounds b = m.bounds();
    byte[] arguments = read(view, b.argumentsStart(), b.argumentsEnd());
    if (arguments.length == 0 || arguments[arguments.length - 1] == 0) {
      return arguments;
    }
    int nul = indexOfNul(arguments);
    if (nul >= 0) {
      return Arrays.copyOf(arguments, nul + 1);
    }
    if (b.environmentStart() != b.argumentsEnd()) {
      return arguments;
    }
    byte[] all = read(view, b.argumentsStart(), b.environmentEnd());
    int end = indexOfNul(all);
    return end < 0 ? all : Arrays.copyOf(all, end + 1);
  }

  private static int indexOfNul(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        return i;
      }
    }
    return -1;
  }

  private static byte[] read(ProcessView view, long start, long end) {
    if (start <= 0 || end <= start) {
      return new byte[0];
    }
    byte[] bytes = new byte[(int) Math.min(end - start, MAX)];
    try {
      long n = view.readMemory(start, MemorySegment.ofArray(bytes));
      return n == bytes.length ? bytes : Arrays.copyOf(bytes, (int) n);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EIO || e.errno() == Errno.EFAULT) {
        return new byte[0]; // the application has unmapped them
      }
      throw e;
    }
  }
}
