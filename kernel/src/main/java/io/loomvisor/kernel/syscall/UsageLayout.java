package io.loomvisor.kernel.syscall;

import io.loomvisor.task.process.ResourceUsage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * struct rusage (getrusage(2)): two timevals and fourteen longs, of which Linux too fills in six.
 *
 * <pre>
 *    0 ru_utime    16 ru_stime    32 ru_maxrss (KiB)   64 ru_minflt   72 ru_majflt
 *   88 ru_inblock  96 ru_oublock  128 ru_nvcsw  136 ru_nivcsw
 * </pre>
 */
public final class UsageLayout {
  private static final int SIZE = 144;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private UsageLayout() {}

  public static byte[] encode(ResourceUsage u) {
    ByteBuffer b = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    putTime(b, 0, u.user());
    putTime(b, 16, u.system());
    b.putLong(32, u.maxResident() >> 10);
    b.putLong(64, u.minorFaults());
    b.putLong(72, u.majorFaults());
    b.putLong(128, u.voluntarySwitches());
    b.putLong(136, u.involuntarySwitches());
    return b.array();
  }

  private static void putTime(ByteBuffer b, int at, long nanos) {
    b.putLong(at, nanos / NANOS_PER_SECOND);
    b.putLong(at + 8, nanos % NANOS_PER_SECOND / 1000);
  }
}
