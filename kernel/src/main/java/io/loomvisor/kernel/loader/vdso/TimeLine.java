package io.loomvisor.kernel.loader.vdso;

/**
 * Nanoseconds as a linear function of the counter, in the arithmetic of vdso.S: {@code baseNanos +
 * ((ticks - baseTicks) * multiplier >> SHIFT)} with a product of 128 bits.
 *
 * @param multiplier ns per tick, scaled by 2^{@link #SHIFT}
 */
record TimeLine(long baseTicks, long baseNanos, long multiplier) {
  static final int SHIFT = 32;

  private static final double ONE = 0x1p32;

  static TimeLine at(long ticks, long nanos, double nanosPerTick) {
    return new TimeLine(ticks, nanos, (long) (nanosPerTick * ONE));
  }

  long nanos(long ticks) {
    long passed = Math.max(0, ticks - baseTicks);
    long high = Math.unsignedMultiplyHigh(passed, multiplier);
    return baseNanos + (high << 64 - SHIFT | passed * multiplier >>> SHIFT);
  }

  double nanosPerTick() {
    return multiplier / ONE;
  }
}
