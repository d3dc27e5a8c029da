package io.loomvisor.scheduler.carrier;

import java.util.function.IntSupplier;

/**
 * Whether the host has no CPU to spare for one more carrier. One that searches then loses its CPU,
 * and one that is woken up comes out on the CPU of who has woken it, which goes on running: both
 * would be better off one after the other on one carrier. Any thread; times are {@link
 * System#nanoTime}.
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

  private final IntSupplier cpu;

  /** 0: there is a CPU to spare. */
  private volatile long until;

  /** When the last sign is forgotten. */
  private volatile long forgotten;

  /** How long the last sign was good for. */
  private volatile long lasting;

  Crowding(IntSupplier cpu) {
    this.cpu = cpu;
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
      sign(System.nanoTime());
    } else if (until != 0) {
      until = 0;
      lasting = 0;
    }
  }
}
