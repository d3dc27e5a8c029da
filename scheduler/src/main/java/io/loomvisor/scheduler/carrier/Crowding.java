package io.loomvisor.scheduler.carrier;

import java.util.function.IntPredicate;
import java.util.function.IntSupplier;

/**
 * Whether the host has no CPU to spare for one more carrier. One that searches then loses its CPU,
 * and one that is woken up comes out on the CPU of who has woken it, which goes on running: both
 * would be better off one after the other on one carrier. But Linux does not look for an idle CPU
 * while those that share a cache have been busy of late, as with carriers that search (SIS_UTIL,
 * select_idle_cpu): so one that comes out on its waker's CPU tries another first. Any thread; times
 * are {@link System#nanoTime}.
 */
final class Crowding {
  /** Of a summoner that leaves its CPU to others, or is on one unknown. */
  static final int NOWHERE = -1;

  /** A look at the queue takes less, unless somebody else had the CPU. */
  private static final long LOST = 25_000;

  /**
   * So long after the first sign of it, ns, and twice as long after each further one, up to the
   * most; then somebody is woken again, and shows how it is. An interrupt, or a host that is a
   * guest itself, takes a CPU away now and then: that lasts no longer than the first.
   */
  private static final long LEAST = 250_000;

  private static final long MOST = 10_000_000;

  /** Between two tries of another CPU, ns: each costs some 20 µs. */
  private static final long PAUSE = 2_000_000;

  /** The same if there is no other. */
  private static final long LONG_PAUSE = 1_000_000_000;

  private final IntSupplier cpu;
  private final IntPredicate leave;

  /** 0: there is a CPU to spare. */
  private volatile long until;

  /** When the last sign is forgotten. */
  private volatile long forgotten;

  /** How long the last sign was good for. */
  private volatile long lasting;

  /** When another CPU may be tried; 0: any time. */
  private volatile long notBefore;

  /**
   * @param cpu on which the caller runs
   * @param leave has the caller run on another CPU; false if it cannot
   */
  Crowding(IntSupplier cpu, IntPredicate leave) {
    this.cpu = cpu;
    this.leave = leave;
  }

  boolean lasts() {
    return until != 0 && lastsAt(System.nanoTime());
  }

  boolean lastsAt(long now) {
    long end = until;
    return end != 0 && now - end < 0;
  }

  /** Whether somebody who is in no wait lost the CPU between two looks at the clock. */
  boolean lost(long before, long now) {
    if (now - before <= LOST) {
      return false;
    }
    sign(now);
    return true;
  }

  /** A guess, shared by all carriers: of two signs at the same time one may be lost. */
  private void sign(long now) {
    boolean further = lasting != 0 && now - forgotten < 0;
    long longer = further ? Math.min(2 * lasting, MOST) : LEAST;
    lasting = longer;
    forgotten = now + longer + MOST;
    until = now + longer;
  }

  /** For whom is woken up by the caller. */
  int here() {
    return cpu.getAsInt();
  }

  /** The caller has been woken up by somebody there. */
  void summoned(int from) {
    if (from == NOWHERE) {
      return;
    }
    if (cpu.getAsInt() == from) {
      long now = System.nanoTime();
      if (!leave(from, now)) {
        sign(now);
      }
    } else if (until != 0) {
      until = 0;
      lasting = 0;
    }
  }

  private boolean leave(int from, long now) {
    long earliest = notBefore;
    if (earliest != 0 && now - earliest < 0) {
      return false;
    }
    boolean left = leave.test(from);
    notBefore = now + (left ? PAUSE : LONG_PAUSE);
    return left;
  }
}
