package io.loomvisor.runtime.program;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Runs many C programs one after the other under {@code driver.sh}, so that one sandbox serves them
 * all, and takes its stream apart. A program that never reports its end is noted as lost, and the
 * driver is started again behind it.
 */
final class DriverRun {
  private static final Duration PER_PROGRAM = Duration.ofSeconds(15);
  private static final Duration AT_LEAST = Duration.ofSeconds(60);

  private final List<String> prefix;
  private final Path driver;
  private final Path binaries;
  private final Path directory;

  /**
   * @param prefix goes before the driver's own command line; empty on the host
   */
  DriverRun(List<String> prefix, Path driver, Path binaries, Path directory) {
    this.prefix = prefix;
    this.driver = driver;
    this.binaries = binaries;
    this.directory = directory;
  }

  /**
   * By program: what it wrote to standard output, to standard error, and its status, as one text.
   */
  Map<String, String> run(List<String> programs) throws InterruptedException {
    Map<String, String> results = new TreeMap<>();
    List<String> rest = new ArrayList<>(programs);
    while (!rest.isEmpty()) {
      List<String> line = new ArrayList<>(prefix);
      line.addAll(List.of("/bin/sh", driver.toString(), binaries.toString()));
      line.addAll(rest);
      Duration limit = AT_LEAST.plus(PER_PROGRAM.multipliedBy(rest.size()));
      Product.Outcome outcome = Product.run(line, directory, limit);
      String lost = split(outcome.text(), results);
      rest.removeAll(results.keySet());
      if (!rest.isEmpty()) {
        String name = lost != null ? lost : rest.getFirst();
        String why =
            outcome.timedOut() ? "hangs" : "ended the driver with status " + outcome.status();
        results.put(name, "*** " + why + "\n" + outcome.errors());
        rest.remove(name);
      }
    }
    return results;
  }

  /**
   * Adds the finished programs of a stream to {@code results}; the one that has begun but not
   * ended, or null.
   */
  private static String split(String stream, Map<String, String> results) {
    String current = null;
    StringBuilder text = new StringBuilder();
    for (String line : stream.split("\n", -1)) {
      String[] words = line.startsWith("@@@ ") ? line.split(" ") : new String[0];
      if (words.length < 3) {
        text.append(line).append('\n');
      } else if (words[1].equals("begin")) {
        current = words[2];
        text.setLength(0);
      } else if (words[1].equals("status")) {
        results.put(words[2], text.append("status ").append(words[3]).append('\n').toString());
        current = null;
      } else {
        text.append("--- standard error\n");
      }
    }
    return current;
  }
}
