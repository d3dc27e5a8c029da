package io.loomvisor.kernel.time;

/** The clocks of the machine, in nanoseconds. */
public interface Clocks {
  /** CLOCK_MONOTONIC: the same clock as {@link System#nanoTime} and as the vDSO shows. */
  long monotonic();

  /** CLOCK_REALTIME since the Epoch. */
  long realtime();

  /** CLOCK_BOOTTIME. */
  default long boottime() {
    return monotonic();
  }

  /** The host's clocks: HotSpot reads clock_gettime(2) for both without a path or a file. */
  static Clocks host() {
    return new Clocks() {
      @Override
      public long monotonic() {
        return System.nanoTime();
      }

      @Override
      public long realtime() {
        java.time.Instant now = java.time.Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
      }
    };
  }
}
