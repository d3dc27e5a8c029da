/**
 * Clocks and timers of the application: what the clock ids mean, CPU-time clocks, interval timers
 * and POSIX timers. Timer state belongs to one actor per process.
 */
package io.loomvisor.kernel.time;
