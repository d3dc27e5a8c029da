package io.loomvisor.task;

import io.loomvisor.task.process.IoUsage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Events of one thread for getrusage(2) and /proc/PID/io. Counted by the thread itself, read by
 * any.
 */
public final class UsageCounters {
  private final AtomicLong faults = new AtomicLong();
  private final AtomicLong exceptions = new AtomicLong();
  private final AtomicLong interrupts = new AtomicLong();
  private final AtomicLong sleeps = new AtomicLong();
  private final AtomicLong readCalls = new AtomicLong();
  private final AtomicLong writeCalls = new AtomicLong();
  private final AtomicLong readBytes = new AtomicLong();
  private final AtomicLong writtenBytes = new AtomicLong();

  void countFault() {
    add(faults, 1);
  }

  void countException() {
    add(exceptions, 1);
  }

  void countInterrupt() {
    add(interrupts, 1);
  }

  void countSleep() {
    add(sleeps, 1);
  }

  /** A call that reads. */
  public void countReadCall() {
    add(readCalls, 1);
  }

  public void countWriteCall() {
    add(writeCalls, 1);
  }

  /** What a call has read. */
  public void countRead(long bytes) {
    add(readBytes, bytes);
  }

  public void countWritten(long bytes) {
    add(writtenBytes, bytes);
  }

  private static void add(AtomicLong counter, long more) {
    counter.setPlain(counter.getPlain() + more);
  }

  public IoUsage io() {
    return new IoUsage(
        readBytes.getOpaque(),
        writtenBytes.getOpaque(),
        readCalls.getOpaque(),
        writeCalls.getOpaque());
  }

  /**
   * Page faults that the sentry resolved without waiting for the host's disk, as far as it knows.
   */
  public long minorFaults() {
    return faults.getOpaque();
  }

  /** Exceptions of the application but page faults. */
  public long exceptions() {
    return exceptions.getOpaque();
  }

  /** Exits from the application for the sentry's sake: to look at a signal, to make room. */
  public long interrupts() {
    return interrupts.getOpaque();
  }

  /** Voluntary context switches: sleeps in syscalls. */
  public long voluntarySwitches() {
    return sleeps.getOpaque();
  }
}
