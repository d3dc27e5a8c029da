package io.loomvisor.benchmarks.report;

import java.time.Duration;
import java.util.List;

/**
 * How long to measure. The sum is known beforehand: a work whose single operation takes longer than
 * a turn gets fewer turns, three at least.
 *
 * @param quick whether all is to be done in a quarter of an hour
 * @param forks how often every environment is started anew
 * @param turns of each work in each environment and fork
 */
record Plan(boolean quick, int forks, int turns, Duration turn, Duration warmUp) {
  static final int LEAST_TURNS = 3;

  /**
   * What every environment does before its first work, each for so long: system calls, and
   * hand-overs between two processes. A sentry that has just started is not compiled yet, and the
   * first works alone would show it.
   */
  static final List<String> SETTLING_WITH = List.of("read 0 1000", "ring 2 100");

  static final Duration SETTLING = Duration.ofSeconds(3);

  /** A start of any environment, for the estimate. */
  private static final double START_SECONDS = 1.5 + SETTLING_WITH.size() * SETTLING.toSeconds();

  static Plan full() {
    return new Plan(false, 3, 15, Duration.ofMillis(50), Duration.ofMillis(1000));
  }

  static Plan quickly() {
    return new Plan(true, 2, 7, Duration.ofMillis(25), Duration.ofMillis(400));
  }

  Plan forks(int number) {
    return new Plan(quick, number, turns, turn, warmUp);
  }

  /** Whatever becomes faster for longer than this is measured as it is then. */
  Duration longestWarmUp() {
    return warmUp.multipliedBy(10);
  }

  /** What one work may take in one environment, beyond its least turns. */
  Duration limit() {
    return warmUp.plus(turn.multipliedBy(turns)).multipliedBy(4);
  }

  /** How many turns of a batch that takes so long. */
  int turnsOf(double batchNanos) {
    return (int) Math.clamp(limit().toNanos() / Math.max(1, batchNanos), LEAST_TURNS, turns);
  }

  Duration patience() {
    return Duration.ofSeconds(quick ? 20 : 60);
  }

  /** Seconds for these works; {@code slow} are those whose single operation fills the limit. */
  double seconds(int environments, int works, int slow) {
    double brief = warmUp.multipliedBy(2).plus(turn.multipliedBy(turns)).toMillis() / 1e3;
    double each = (works - slow) * brief + slow * limit().toMillis() / 1e3;
    return forks * environments * (START_SECONDS + each);
  }

  double seconds(List<Environment> environments, List<Work> works, int slow) {
    return seconds(environments.size(), works.size(), slow);
  }
}
