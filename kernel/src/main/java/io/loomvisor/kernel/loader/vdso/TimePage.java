package io.loomvisor.kernel.loader.vdso;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The page of data that the vDSO's code reads; see the offsets in vdso.S. One writer.
 *
 * <pre>
 *   0  sequence count 4   odd while the rest changes
 *   4  clock mode 4       0: system calls, 1: the counter
 *   8  base, ticks 8      16 multiplier 8    24 shift 4
 *  28  CPU mode 4         0: system call, 1: RDTSCP
 *  32  realtime, monotonic, boottime at the base, ns, 8 each
 * </pre>
 */
final class TimePage {
  static final int SIZE = 4096;

  private static final int SEQUENCE = 0;
  private static final int CLOCK_MODE = 4;
  private static final int BASE_TICKS = 8;
  private static final int MULTIPLIER = 16;
  private static final int SHIFT = 24;
  private static final int CPU_MODE = 28;
  private static final int REALTIME = 32;
  private static final int MONOTONIC = 40;
  private static final int BOOTTIME = 48;

  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

  private final MemorySegment page;

  TimePage(MemorySegment page) {
    this.page = page;
  }

  void setCpuNumberReadable(boolean readable) {
    page.set(ValueLayout.JAVA_INT, CPU_MODE, readable ? 1 : 0);
  }

  /**
   * Readers wait from now on until {@link #write}: only a handful of instructions may come between.
   */
  void begin() {
    int sequence = page.get(ValueLayout.JAVA_INT, SEQUENCE);
    INT.setVolatile(page, (long) SEQUENCE, sequence | 1);
  }

  /**
   * Publishes the line of CLOCK_MONOTONIC and lets readers go on.
   *
   * @param realtime ns that CLOCK_REALTIME is ahead of CLOCK_MONOTONIC
   * @param boottime ns that CLOCK_BOOTTIME is ahead of it
   */
  void write(TimeLine line, long realtime, long boottime) {
    page.set(ValueLayout.JAVA_LONG, BASE_TICKS, line.baseTicks());
    page.set(ValueLayout.JAVA_LONG, MULTIPLIER, line.multiplier());
    page.set(ValueLayout.JAVA_INT, SHIFT, TimeLine.SHIFT);
    page.set(ValueLayout.JAVA_LONG, MONOTONIC, line.baseNanos());
    page.set(ValueLayout.JAVA_LONG, REALTIME, line.baseNanos() + realtime);
    page.set(ValueLayout.JAVA_LONG, BOOTTIME, line.baseNanos() + boottime);
    page.set(ValueLayout.JAVA_INT, CLOCK_MODE, 1);
    int sequence = page.get(ValueLayout.JAVA_INT, SEQUENCE);
    INT.setVolatile(page, (long) SEQUENCE, sequence + 1);
  }
}
