package io.loomvisor.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SchedulingTest {
  private final Scheduling initial = Scheduling.initial(4);

  @Test
  void childrenInheritUnlessAskedNotTo() {
    Scheduling nice = initial.withNice(-5).withPolicy(Scheduling.SCHED_BATCH, 0, false);
    assertSame(nice, nice.forChild());
    Scheduling child = nice.withPolicy(Scheduling.SCHED_BATCH, 0, true).forChild();
    assertEquals(0, child.nice());
    assertEquals(Scheduling.SCHED_BATCH, child.policy());
    assertFalse(child.resetOnFork());
  }

  @Test
  void realTimeIsNotHandedDownByReset() {
    Scheduling child = initial.withNice(7).withPolicy(Scheduling.SCHED_FIFO, 50, true).forChild();
    assertEquals(Scheduling.SCHED_OTHER, child.policy());
    assertEquals(0, child.priority());
    assertEquals(0, child.nice());
  }

  @Test
  void setsOfCpusBeyondOneWord() {
    CpuSet all = CpuSet.first(70);
    assertTrue(all.contains(69));
    assertFalse(all.contains(70));
    byte[] mask = all.mask(16);
    assertEquals(16, mask.length);
    assertEquals(0x3f, mask[8]);
    CpuSet one = CpuSet.of(new byte[] {0, 0, 4}).and(all);
    assertEquals(18, one.lowest());
    assertArrayEquals(new byte[] {0, 0, 4, 0, 0, 0, 0, 0}, one.mask(8));
    assertTrue(CpuSet.of(new byte[] {0, 2}).and(CpuSet.first(4)).isEmpty());
  }

  @Test
  void policiesSurvivePacking() {
    for (int mode = 0; mode <= MemoryPolicy.MPOL_WEIGHTED_INTERLEAVE; mode++) {
      long nodes = mode == MemoryPolicy.MPOL_DEFAULT || mode == MemoryPolicy.MPOL_LOCAL ? 0 : 1;
      for (int flags : new int[] {0, MemoryPolicy.MPOL_F_STATIC_NODES, 1 << 13, 1 << 14}) {
        MemoryPolicy p = new MemoryPolicy(mode, flags, nodes);
        assertEquals(p, MemoryPolicy.unpacked(p.packed()));
        assertEquals(0, p.packed() >>> MemoryPolicy.BITS);
      }
    }
    assertEquals(0, MemoryPolicy.DEFAULT.packed());
  }

  /** kernel/sched/core.c: sched_prio_to_weight, by one in a hundred. */
  @Test
  void weightsAreThoseOfLinux() {
    assertEquals(1024, Scheduling.weight(0));
    assertEquals(15, Scheduling.weight(19));
    assertEquals(88761, Scheduling.weight(-20), 888);
    assertEquals(335, Scheduling.weight(5), 3);
    assertEquals(9548, Scheduling.weight(-10), 95);
  }

  @Test
  void termsFollowPolicy() {
    assertEquals(0, initial.withNice(5).terms().rank());
    assertTrue(initial.terms().presses());
    assertFalse(initial.withPolicy(Scheduling.SCHED_BATCH, 0, false).terms().presses());
    assertEquals(3, initial.withPolicy(Scheduling.SCHED_IDLE, 0, false).terms().weight());
    assertEquals(7, initial.withPolicy(Scheduling.SCHED_RR, 7, false).terms().rank());
    assertTrue(initial.withPolicy(Scheduling.SCHED_RR, 7, false).terms().rotates());
    assertFalse(initial.withPolicy(Scheduling.SCHED_FIFO, 7, false).terms().rotates());
    CpuSet third = CpuSet.of(new byte[] {4});
    assertEquals(third.toBitSet(), initial.withAffinity(third).terms().cpus());
  }
}
