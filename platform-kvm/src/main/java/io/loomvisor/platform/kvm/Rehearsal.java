package io.loomvisor.platform.kvm;

import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.host.Libc;
import java.lang.foreign.Arena;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the poller does before its first stint: it serves calls that nobody has made until that goes
 * quickly. The JVM interprets new code, and what an interpreter takes to serve one call, tens of
 * microseconds, is longer than the guest waits, so that the first stints would all be in vain.
 */
final class Rehearsal {
  private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);

  /** A call takes no longer when the code has been compiled, ns. */
  private static final long QUICK = 2_000;

  /** So many calls in a row. */
  private static final int SCENE = 500;

  /** Enough for the compiler to take notice (CompileThresholdScaling in jvm-options). */
  private static final int SCENES = 40;

  /** It is no use waiting longer for the compiler, ns. */
  private static final long LONGEST = 200_000_000;

  /**
   * So long it may stand in the way of others, ns: of the JVM's compiler above all, which is busy
   * while programs are young.
   */
  private static final long SHARED = 5_000_000;

  private Rehearsal() {}

  /**
   * Rehearses.
   *
   * @param slots for a slot that belongs to nobody
   * @param look what the poller does besides
   * @param idle whether the CPU is still to be had
   * @param considerate ends it when others have a use for the CPU
   * @return false: it has been broken off, and should be tried again
   */
  static boolean run(AnswerSlots slots, Runnable look, BooleanSupplier idle, boolean considerate) {
    AnswerSlots.Slot slot = slots.take();
    if (slot == null) {
      return true;
    }
    try {
      slot.allow(true);
      Posting posting =
          new Posting(
              Arena.ofAuto().allocate(64, 8), slot, (number, a, b, c, d, e, f) -> number + a);
      Registers registers = new Registers();
      long began = System.nanoTime();
      long used = Libc.threadCpuTime();
      long before = began;
      long took = Long.MAX_VALUE;
      for (int i = 0; i < SCENES && before - began < LONGEST && took > QUICK; i++) {
        boolean inTheWay = before - began - (Libc.threadCpuTime() - used) > SHARED;
        if (!idle.getAsBoolean() || inTheWay && considerate) {
          return false;
        }
        scene(posting, registers, look);
        long now = System.nanoTime();
        took = (now - before) / SCENE;
        before = now;
      }
      LOG.debug("rehearsed for {} ns, in the end {} a call", before - began, took);
      return true;
    } finally {
      slot.release();
    }
  }

  private static void scene(Posting posting, Registers registers, Runnable look) {
    for (int i = 0; i < SCENE; i++) {
      look.run();
      posting.rehearse(registers);
    }
  }
}
