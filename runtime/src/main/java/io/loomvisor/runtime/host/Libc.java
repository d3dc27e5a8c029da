package io.loomvisor.runtime.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/**
 * Functions of the C library that the verbs call, by JNA direct mapping; what a sandbox calls when
 * it starts is in {@link Syscall}. Safe: every pointer passed is memory that the caller owns for
 * the duration of the call, and errno comes back as {@link LastErrorException}.
 */
final class Libc {
  static final int EINTR = 4;

  static {
    Native.register(NativeLibrary.getProcess()); // the JVM has the C library loaded
  }

  private Libc() {}

  static native int posix_openpt(int flags) throws LastErrorException;

  static native int grantpt(int fd) throws LastErrorException;

  static native Pointer signal(int number, Pointer action) throws LastErrorException;

  static native int unlockpt(int fd) throws LastErrorException;

  static native int ptsname_r(int fd, byte[] buffer, long size);

  static native int ioctl(int fd, long request, Pointer argument) throws LastErrorException;

  static native int poll(Pointer set, long count, int timeout) throws LastErrorException;

  static native int close(int fd) throws LastErrorException;

  static native int kill(int pid, int signal) throws LastErrorException;

  /** syscall(2), for what glibc has no function for. */
  static native long syscall(long number, long a, long b) throws LastErrorException;
}
