package io.loomvisor.scheduler.carrier;

import java.util.function.IntSupplier;

/**
 * Whether the host has no CPU to spare for a carrier that is woken up: then it comes out on the CPU
 * of who has woken it, which goes on running, and both would be better off one after the other on
 * one carrier. Any thread; times are {@link System#nanoTime}.
 */
final class Crowding {
  /** Of a summoner that leaves its CPU to others, or is on one unknown. */
  static final int NOWHERE = -1;

  /** So long after the last sign of it, ns; then somebody is woken again, and shows how it is. */
  private static final long LASTING = 10_000_000;

  private final IntSupplier cpu;

  /** 0: there is a CPU to spare. */
  private volatile long until;

  Crowding(IntSupplier cpu) {
    this.cpu = cpu;
  }

  boolean lasts() {
    long end = until;
    return end != 0 && System.nanoTime() - end < 0;
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
      until = System.nanoTime() + LASTING;
    } else if (until != 0) {
      until = 0;
    }
  }
}
