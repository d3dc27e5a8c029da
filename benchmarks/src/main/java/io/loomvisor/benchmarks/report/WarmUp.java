package io.loomvisor.benchmarks.report;

import java.io.IOException;

/**
 * Does a work until it does not become faster any more: a JVM compiles in the background what it
 * runs often, for seconds. What is not a JVM is through after the least time.
 */
final class WarmUp {
  /** As fast as the best stretch is what takes at most this much longer. */
  private static final double AS_FAST = 1.1;

  /** A best one by more than that is not confirmed by those before it. */
  private static final double FASTER = 0.95;

  /** So many in a row as fast as the best: while a compiler is busy they go up and down. */
  private static final int PLATEAU = 3;

  private final Plan plan;
  private final TurnTaker taker;
  private final Work work;

  /** How many operations fill a turn, as far as has been seen. */
  private int batch = 1;

  /** What the last batch took, ns. */
  private double took;

  WarmUp(Plan plan, TurnTaker taker, Work work) {
    this.plan = plan;
    this.taker = taker;
    this.work = work;
  }

  /** Warms up, and finds out how many operations fill a turn. */
  Turns.Lane lane(Environment environment) throws IOException {
    long began = System.nanoTime();
    double best = stretch();
    int alike = 1;
    while (alike < PLATEAU && System.nanoTime() - began < plan.longestWarmUp().toNanos()) {
      double now = stretch();
      alike = now > best * AS_FAST ? 0 : now < best * FASTER ? 1 : alike + 1;
      best = Math.min(best, now);
    }
    double wanted = plan.turn().toNanos();
    return new Turns.Lane(environment, batch, plan.turnsOf(Math.max(took, wanted)));
  }

  /** Half of the least time; returns what an operation took in it, ns. */
  private double stretch() throws IOException {
    double wanted = plan.turn().toNanos();
    long began = System.nanoTime();
    double operations = 0;
    double sum = 0;
    do {
      took = Math.max(1, taker.ask(work.asking(batch))[0]);
      operations += batch;
      sum += took;
      // Never ten times as many at once: the first ones are the slowest.
      batch = (int) Math.clamp(batch * Math.min(10, wanted / took), 1, 1_000_000_000);
    } while (System.nanoTime() - began < plan.warmUp().toNanos() / 2 || took < wanted / 4);
    return sum / operations;
  }
}
