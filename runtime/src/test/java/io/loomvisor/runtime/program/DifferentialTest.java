package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every C program of {@code kernel/src/test/differential} on the host and in the sandbox: standard
 * output, standard error and status must be the same, byte for byte. What is known to differ stands
 * with its reason in the file {@code known-differences} beside the programs; such a test is
 * reported as skipped.
 */
class DifferentialTest {
  private static final Path SOURCES = Product.TREE.resolve("kernel/src/test/differential");

  @TestFactory
  Stream<DynamicContainer> programs() throws IOException, InterruptedException {
    Product.require();
    Path binaries = Product.scratch("differential");
    make(binaries);
    Map<String, List<String>> areas = areas();
    assertTrue(
        areas.values().stream().mapToInt(List::size).sum() >= 60, "programs are missing: " + areas);
    Map<String, String> known = known();
    return areas.entrySet().stream()
        .map(area -> dynamicContainer(area.getKey(), tests(area.getValue(), binaries, known)));
  }

  private static void make(Path binaries) throws InterruptedException {
    List<String> make = List.of("make", "-s", "-C", SOURCES.toString(), "-j2", "OUT=" + binaries);
    Product.Outcome outcome = Product.run(make, SOURCES, Duration.ofMinutes(5));
    assertEquals(
        0, outcome.status(), () -> "make failed (is gcc installed?):\n" + outcome.errors());
  }

  /** Programs by area: the directory each lies in. */
  private static Map<String, List<String>> areas() throws IOException {
    Map<String, List<String>> areas = new TreeMap<>();
    try (Stream<Path> files = Files.walk(SOURCES, 2)) {
      files
          .map(f -> SOURCES.relativize(f).toString())
          .filter(f -> f.endsWith(".c") && f.contains("/"))
          .sorted()
          .map(f -> f.substring(0, f.length() - 2))
          .forEach(
              p ->
                  areas
                      .computeIfAbsent(p.substring(0, p.indexOf('/')), a -> new ArrayList<>())
                      .add(p));
    }
    return areas;
  }

  /** Lines of "AREA/NAME reason". */
  private static Map<String, String> known() throws IOException {
    Map<String, String> known = new HashMap<>();
    for (String line : Files.readAllLines(SOURCES.resolve("known-differences"))) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] words = line.split(" +", 2);
        known.put(words[0], words.length > 1 ? words[1] : "no reason given");
      }
    }
    return known;
  }

  private static Stream<DynamicTest> tests(
      List<String> programs, Path binaries, Map<String, String> known) {
    Area area = new Area(programs, binaries);
    return programs.stream().map(p -> dynamicTest(p, () -> area.check(p, known.get(p))));
  }

  /** The programs of one area share a sandbox, which is started with the first of them. */
  private static final class Area {
    private final List<String> programs;
    private final Path binaries;
    private Map<String, String> host;
    private Map<String, String> sandbox;

    Area(List<String> programs, Path binaries) {
      this.programs = programs;
      this.binaries = binaries;
    }

    private void run() throws InterruptedException {
      Path driver = SOURCES.resolve("driver.sh");
      host = new DriverRun(List.of(), driver, binaries, Product.TREE).run(programs);
      sandbox = new DriverRun(Product.command("--"), driver, binaries, Product.TREE).run(programs);
    }

    void check(String program, String knownReason) throws InterruptedException {
      if (sandbox == null) {
        run();
      }
      assertTrue(host.get(program).contains("status "), () -> "on the host: " + host.get(program));
      String difference = TextDifference.of(host.get(program), sandbox.get(program));
      if (!difference.isEmpty() && knownReason != null) {
        abort("known: " + knownReason);
      } else if (!difference.isEmpty()) {
        fail(difference);
      }
    }
  }
}
