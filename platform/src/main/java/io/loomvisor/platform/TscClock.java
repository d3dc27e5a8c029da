package io.loomvisor.platform;

/**
 * The time-stamp counter that applications read with RDTSC, as the sentry reads it. It has the same
 * value on every vCPU, runs at a constant rate and never stops. Any thread.
 */
public interface TscClock {
  /**
   * The counter now: no smaller than any value that a vCPU has read before, no greater than any
   * that it reads later.
   */
  long read();

  /** Its nominal rate, within some hundred parts per million. */
  long ticksPerSecond();
}
