package io.loomvisor.platform;

/**
 * The guest's time-stamp counter against the host's clocks at one moment:
 * {@code monotonic(tsc) = baseMonotonic + ((tsc - baseTsc) * multiplier >>> shift)} with a 128-bit product.
 *
 * @param baseTsc guest TSC at the base
 * @param baseMonotonic CLOCK_MONOTONIC at the base, ns
 * @param baseRealtime CLOCK_REALTIME at the base, ns
 * @param multiplier ns per tick, scaled by 2^shift; below 2^32
 * @param shift bits
 */
public record TscClock(
    long baseTsc, long baseMonotonic, long baseRealtime, long multiplier, int shift) {}
