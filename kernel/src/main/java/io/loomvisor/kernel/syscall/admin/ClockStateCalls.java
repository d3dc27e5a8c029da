package io.loomvisor.kernel.syscall.admin;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.kernel.time.TimerClock;
import io.loomvisor.task.Task;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * adjtimex(2) and clock_adjtime(2), reading only: the clock is the host's, and what disciplines it
 * is not known here, so it is told to be unsynchronized.
 *
 * <pre>
 *   struct timex:   0 modes     8 offset   16 freq     24 maxerror   32 esterror   40 status
 *                  48 constant 56 precision 64 tolerance 72 time.tv_sec 80 time.tv_usec 88 tick
 *                  … 160 tai, 208 bytes
 * </pre>
 */
public final class ClockStateCalls {
  private static final int SIZE = 208;
  private static final int CLOCK_REALTIME = 0;
  private static final int STA_UNSYNC = 0x40;

  /** TIME_ERROR: not synchronized. */
  private static final int TIME_ERROR = 5;

  /** NTP_PHASE_LIMIT: 16 s, in µs. */
  private static final long MAX_ERROR = 16_000_000;

  /** MAXFREQ of 500 ppm, scaled by 2^16. */
  private static final long TOLERANCE = 500L << 16;

  private static final long TICK = 10_000;

  private final KernelContext kernel;

  public ClockStateCalls(KernelContext kernel) {
    this.kernel = kernel;
  }

  public void register(SyscallTable.Builder b) {
    String note = "the clock is the host's: read-only, EPERM";
    b.partial(SyscallNumber.ADJTIMEX, note, (t, a) -> state(t, a.get(0)));
    b.partial(SyscallNumber.CLOCK_ADJTIME, note, this::clockAdjtime);
  }

  private long clockAdjtime(Task task, SyscallArguments a) {
    int clock = a.getInt(0);
    task.memory().copyIn(a.get(1), SIZE);
    if (clock != CLOCK_REALTIME) {
      TimerClock.of(clock, task, kernel.clocks(), kernel.processes()); // EINVAL if there is none
      throw Errno.EOPNOTSUPP.exception();
    }
    return state(task, a.get(1));
  }

  private long state(Task task, long address) {
    ByteBuffer b =
        ByteBuffer.wrap(task.memory().copyIn(address, SIZE)).order(ByteOrder.LITTLE_ENDIAN);
    int modes = b.getInt(0);
    if (modes != 0) {
      throw Errno.EPERM.exception();
    }
    long now = kernel.clocks().realtime();
    for (int i = 8; i < SIZE; i += Long.BYTES) {
      b.putLong(i, 0);
    }
    b.putLong(24, MAX_ERROR).putLong(32, MAX_ERROR).putInt(40, STA_UNSYNC);
    b.putLong(48, 2).putLong(56, 1).putLong(64, TOLERANCE);
    b.putLong(72, now / TimeSpec.NANOS_PER_SECOND);
    b.putLong(80, now % TimeSpec.NANOS_PER_SECOND / 1000);
    b.putLong(88, TICK);
    task.memory().copyOut(address, b.array());
    return TIME_ERROR;
  }
}
