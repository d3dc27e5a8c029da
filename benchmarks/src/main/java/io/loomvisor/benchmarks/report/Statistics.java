package io.loomvisor.benchmarks.report;

import java.util.Arrays;
import java.util.List;

/** Order statistics of a few measurements: a disturbed turn moves them little. */
record Statistics(double[] sorted) {
  static Statistics of(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return new Statistics(sorted);
  }

  double median() {
    int n = sorted.length;
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  /** The value below which that part of them lies. */
  double quantile(double part) {
    return sorted[(int) Math.min(sorted.length - 1, part * sorted.length)];
  }

  /** Half the distance of the quartiles, as a part of the median. */
  double spread() {
    double median = median();
    return median == 0 ? 0 : (quantile(0.75) - quantile(0.25)) / 2 / Math.abs(median);
  }

  double least() {
    return sorted[0];
  }

  double most() {
    return sorted[sorted.length - 1];
  }
}
