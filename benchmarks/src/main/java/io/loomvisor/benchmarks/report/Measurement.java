package io.loomvisor.benchmarks.report;

import java.util.List;

/** One section of the document. */
interface Measurement {
  /** The name on the command line and of the section's marks. */
  String section();

  List<Result> measure(Programs programs) throws Exception;
}
