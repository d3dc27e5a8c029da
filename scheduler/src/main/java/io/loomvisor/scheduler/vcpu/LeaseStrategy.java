package io.loomvisor.scheduler.vcpu;

import java.util.BitSet;

/** Who gets which vCPU. Called inside the pool's actor: plain code, no waiting. */
public interface LeaseStrategy {
  /** For {@code last} of a task that has not run yet. */
  int NONE = -1;

  /** The name by which it is chosen on the command line. */
  String name();

  /**
   * Which free vCPU a task gets.
   *
   * @param free never empty
   * @param last the vCPU it had last, or {@link #NONE}
   * @return a member of {@code free}
   */
  int pickVcpu(BitSet free, int last);

  /**
   * Which waiter gets a vCPU that has become free.
   *
   * @param waiters how many wait, at least 1; 0 is the one that waits longest
   * @param lastOf the vCPU that waiter i had last
   * @param vcpu the one that is free
   */
  int pickWaiter(int waiters, java.util.function.IntUnaryOperator lastOf, int vcpu);

  /** The vCPU of last time if it is free; waiters in the order they came. */
  LeaseStrategy STICKY =
      new LeaseStrategy() {
        @Override
        public String name() {
          return "sticky";
        }

        @Override
        public int pickVcpu(BitSet free, int last) {
          return last != NONE && free.get(last) ? last : free.nextSetBit(0);
        }

        @Override
        public int pickWaiter(int waiters, java.util.function.IntUnaryOperator lastOf, int vcpu) {
          return 0;
        }
      };

  /** The lowest free vCPU whatever came before; waiters in the order they came. */
  LeaseStrategy FIFO =
      new LeaseStrategy() {
        @Override
        public String name() {
          return "fifo";
        }

        @Override
        public int pickVcpu(BitSet free, int last) {
          return free.nextSetBit(0);
        }

        @Override
        public int pickWaiter(int waiters, java.util.function.IntUnaryOperator lastOf, int vcpu) {
          return 0;
        }
      };

  /**
   * Sticky for waiters too: of the first few waiters, one whose state is still in the free vCPU
   * goes first. Bounded to the first four, and the longest waiter is passed over only by those, so
   * nobody starves.
   */
  LeaseStrategy AFFINE =
      new LeaseStrategy() {
        private static final int LOOK = 4;
        private int passedOver;

        @Override
        public String name() {
          return "affine";
        }

        @Override
        public int pickVcpu(BitSet free, int last) {
          return STICKY.pickVcpu(free, last);
        }

        @Override
        public int pickWaiter(int waiters, java.util.function.IntUnaryOperator lastOf, int vcpu) {
          for (int i = 0; i < Math.min(waiters, LOOK); i++) {
            if (lastOf.applyAsInt(i) == vcpu && (i == 0 || passedOver < LOOK)) {
              passedOver = i == 0 ? 0 : passedOver + 1;
              return i;
            }
          }
          passedOver = 0;
          return 0;
        }
      };

  /** The strategy of that name. */
  static LeaseStrategy named(String name) {
    return switch (name) {
      case "sticky" -> STICKY;
      case "fifo" -> FIFO;
      case "affine" -> AFFINE;
      default ->
          throw new IllegalArgumentException(
              "no lease strategy named " + name + " (sticky, fifo, affine)");
    };
  }
}
