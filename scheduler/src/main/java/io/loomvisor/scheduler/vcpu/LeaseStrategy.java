package io.loomvisor.scheduler.vcpu;

import java.util.BitSet;
import java.util.function.IntUnaryOperator;

/**
 * Who gets which vCPU of a {@link LeasePool}. Called in the pool's actor: plain code, no waiting.
 */
enum LeaseStrategy {
  /**
   * The vCPU of last time; a new task gets one that is nobody's, or that of the fewest. Of the
   * waiters the one that has had least goes first.
   */
  STICKY(true) {
    @Override
    int pickVcpu(BitSet free, int last, IntUnaryOperator claims) {
      if (last != NONE && free.get(last)) {
        return last;
      }
      int best = free.nextSetBit(0);
      for (int i = best; i >= 0 && claims.applyAsInt(best) != 0; i = free.nextSetBit(i + 1)) {
        if (claims.applyAsInt(i) < claims.applyAsInt(best)) {
          best = i;
        }
      }
      return best;
    }
  },

  /** The lowest free vCPU whatever came before; waiters in the order they came. */
  FIFO(false) {
    @Override
    int pickVcpu(BitSet free, int last, IntUnaryOperator claims) {
      return free.nextSetBit(0);
    }
  };

  /** For {@code last} of a task that has not run yet. */
  static final int NONE = -1;

  private final boolean fair;

  LeaseStrategy(boolean fair) {
    this.fair = fair;
  }

  /**
   * Whether waiters go by what they have had ({@link Account}), and one that has had much less than
   * a holder has it make room at once; otherwise by the order in which they came.
   */
  boolean fair() {
    return fair;
  }

  /**
   * Which free vCPU a task gets.
   *
   * @param free never empty
   * @param last the vCPU it had last, or {@link #NONE}
   * @param claims how many living tasks had that vCPU last
   * @return a member of {@code free}
   */
  abstract int pickVcpu(BitSet free, int last, IntUnaryOperator claims);
}
