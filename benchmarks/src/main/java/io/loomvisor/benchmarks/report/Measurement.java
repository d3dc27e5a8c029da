package io.loomvisor.benchmarks.report;

import java.util.List;
import java.util.stream.Collectors;

/** One section of the document. */
interface Measurement {
  /** The name on the command line and of the section's marks. */
  String section();

  List<Result> measure(Programs programs) throws Exception;

  /** The table, without a line break at its end. */
  default String rows(List<Result> results) {
    return "| What | Median | Range |\n| --- | --- | --- |\n"
        + results.stream().map(Result::row).collect(Collectors.joining("\n"));
  }
}
