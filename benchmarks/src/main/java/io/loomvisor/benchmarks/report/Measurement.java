package io.loomvisor.benchmarks.report;

import java.util.List;
import java.util.Map;

/** One section of the document. */
interface Measurement {
  /** The name on the command line and of the section's marks. */
  String section();

  /** How long it takes, beforehand. */
  double seconds(Programs programs, Plan plan);

  List<Result> measure(Programs programs, Plan plan) throws Exception;

  default String table(List<Result> results) {
    return Table.of(results);
  }

  /** SVG pictures by name. */
  default Map<String, String> plots(List<Result> results) {
    return Map.of();
  }
}
