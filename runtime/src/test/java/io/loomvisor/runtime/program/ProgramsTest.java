package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Real programs, each driven by a script of {@code kernel/src/test/programs} that runs on the host
 * and in a sandbox of its own: standard output and status must be the same. A script says in lines
 * "# needs: PROGRAM..." what has to be installed; {@code .ci/setup} installs it, elsewhere the test
 * is skipped and says why. "# known: REASON" marks a script that is known to fail.
 */
class ProgramsTest {
  private static final Path SCRIPTS = Product.TREE.resolve("kernel/src/test/programs");
  private static final Duration LIMIT = Duration.ofSeconds(120);

  @TestFactory
  Stream<DynamicTest> scripts() throws IOException {
    Product.require();
    try (Stream<Path> files = Files.list(SCRIPTS)) {
      List<Path> scripts = files.filter(f -> f.toString().endsWith(".sh")).sorted().toList();
      assertTrue(scripts.size() >= 20, "scripts are missing: " + scripts);
      return scripts.stream().map(s -> dynamicTest(s.getFileName().toString(), () -> compare(s)));
    }
  }

  private static void compare(Path script) throws IOException, InterruptedException {
    for (String program : words(script, "# needs: ")) {
      if (Product.run(List.of("/bin/sh", "-c", "command -v " + program), Product.TREE, LIMIT)
              .status()
          != 0) {
        System.err.println(
            "SKIPPED " + script.getFileName() + ": " + program + " is not installed");
        abort(program + " is not installed");
      }
    }
    List<String> line = List.of("/bin/sh", script.toString());
    Product.Outcome host = Product.run(line, Product.TREE, LIMIT);
    Product.Outcome sandbox =
        Product.run(Product.command("--", "/bin/sh", script.toString()), Product.TREE, LIMIT);
    String difference = TextDifference.of(host.text(), sandbox.text());
    List<String> known = words(script, "# known: ");
    if (!known.isEmpty() && (!difference.isEmpty() || host.status() != sandbox.status())) {
      abort("known: " + String.join(" ", known));
    }
    assertFalse(sandbox.timedOut(), () -> "hangs; so far:\n" + sandbox.text() + sandbox.errors());
    assertEquals("", difference, sandbox.errors());
    assertEquals(host.status(), sandbox.status(), sandbox::errors);
  }

  private static List<String> words(Path script, String start) throws IOException {
    return Files.readAllLines(script).stream()
        .filter(l -> l.startsWith(start))
        .flatMap(l -> Stream.of(l.substring(start.length()).split(" +")))
        .toList();
  }
}
