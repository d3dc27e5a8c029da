package io.loomvisor.benchmarks.report;

import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** A logarithmic axis over whole decades. */
record Scale(double from, double to, double least, double most) {
  /** From pixel to pixel, around these values. */
  static Scale around(DoubleStream values, double from, double to) {
    double[] positive = values.filter(v -> v > 0).sorted().toArray();
    if (positive.length == 0) {
      return new Scale(from, to, 1, 10);
    }
    double low = Math.pow(10, Math.floor(Math.log10(positive[0])));
    double high = Math.pow(10, Math.ceil(Math.log10(positive[positive.length - 1])));
    return new Scale(from, to, low, Math.max(high, low * 10));
  }

  double at(double value) {
    double part = Math.log(Math.max(value, least) / least) / Math.log(most / least);
    return from + part * (to - from);
  }

  List<Double> decades() {
    int first = (int) Math.round(Math.log10(least));
    int last = (int) Math.round(Math.log10(most));
    return IntStream.rangeClosed(first, last).mapToObj(i -> Math.pow(10, i)).toList();
  }

  static DoubleFunction<String> label(String unit) {
    return unit.equals("ns")
        ? v -> Result.time(v).replaceAll("\\.0+ ", " ")
        : v -> (v >= 1 ? "%.0f".formatted(v) : Double.toString(v)) + unit;
  }
}
