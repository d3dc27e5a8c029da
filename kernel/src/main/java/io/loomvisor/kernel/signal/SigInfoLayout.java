package io.loomvisor.kernel.signal;

import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * siginfo_t of x86-64 (include/uapi/asm-generic/siginfo.h): 128 bytes.
 *
 * <pre>
 *   0 si_signo   4 si_errno   8 si_code   12 -
 *  16 kill/rt: pid, 20 uid, 24 value      timer: timerid, 20 overrun, 24 value
 *     child:   pid, 20 uid, 24 status, 32 utime, 40 stime
 *     fault:   addr (8)                   poll: band (8), 24 fd
 *     seccomp: call_addr (8), 24 syscall, 28 arch
 * </pre>
 */
public final class SigInfoLayout {
  public static final int SIZE = 128;

  private SigInfoLayout() {}

  /**
   * Writes {@code info} at the buffer's position {@code at}; the rest of the 128 bytes must be zero
   * already.
   */
  public static void write(SignalInfo info, ByteBuffer b, int at) {
    b.putInt(at, info.signal());
    b.putInt(at + 4, info.errno());
    b.putInt(at + 8, info.code());
    if (isFault(info)) {
      b.putLong(at + 16, info.address());
      return;
    }
    if (info.signal() == Signal.SIGSYS && info.code() > 0) {
      b.putLong(at + 16, info.address());
      b.putLong(at + 24, info.value());
      return;
    }
    b.putInt(at + 16, info.pid());
    b.putInt(at + 20, info.uid());
    if (info.signal() == Signal.SIGCHLD && info.code() > 0) {
      b.putInt(at + 24, (int) info.value());
    } else {
      b.putLong(at + 24, info.value());
    }
  }

  /** The 128 bytes of {@code info}. */
  public static byte[] encode(SignalInfo info) {
    byte[] bytes = new byte[SIZE];
    write(info, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), 0);
    return bytes;
  }

  /** A siginfo that the application made (rt_sigqueueinfo(2)). */
  public static SignalInfo decode(byte[] bytes, int signal) {
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return new SignalInfo(
        signal, b.getInt(4), b.getInt(8), b.getInt(16), b.getInt(20), b.getLong(24), 0);
  }

  /** Any siginfo at all, faults included (PTRACE_SETSIGINFO). */
  public static SignalInfo decodeAny(byte[] bytes, int signal) {
    SignalInfo sent = decode(bytes, signal);
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (isFault(sent)) {
      return new SignalInfo(signal, sent.errno(), sent.code(), 0, 0, 0, b.getLong(16));
    }
    boolean seccomp = signal == Signal.SIGSYS && sent.code() > 0;
    return seccomp
        ? new SignalInfo(signal, sent.errno(), sent.code(), 0, 0, b.getLong(24), b.getLong(16))
        : sent;
  }

  private static boolean isFault(SignalInfo info) {
    return info.code() > 0
        && info.code() < SignalInfo.SI_KERNEL
        && switch (info.signal()) {
          case Signal.SIGSEGV, Signal.SIGBUS, Signal.SIGFPE, Signal.SIGILL, Signal.SIGTRAP -> true;
          default -> false;
        };
  }
}
