package io.loomvisor.runtime.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The platform tests and real programs on a standard KVM host, which QEMU emulates: see
 * src/test/emulated/run.
 */
@Tag("emulated")
class StandardHostTest {
  private static final int CANNOT = 77;

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void platformTestsAndProgramsPassOnStandardKvm() throws Exception {
    assumeTrue(
        Files.isDirectory(Path.of("target/dist/lib"))
            && Files.isRegularFile(Path.of("target/emulated/junit.jar")),
        "SKIPPED: not run by Maven, so the tree is not packaged; use ./mvnw verify");
    // Standard output belongs to the test runner's own protocol; the script reports on standard
    // error.
    Process run =
        new ProcessBuilder("src/test/emulated/run")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    int status;
    try {
      status = run.waitFor();
    } finally {
      run.descendants().forEach(ProcessHandle::destroy);
      run.destroy();
    }
    if (status == CANNOT) {
      System.err.println(
          "SKIPPED: the emulated standard KVM host cannot be run on this machine, see above");
    }
    assumeTrue(
        status != CANNOT, "SKIPPED: the emulated standard KVM host cannot be run on this machine");
    assertEquals(0, status, StandardHostTest::endOfTheReport);
  }

  /** What the emulated machine said last, so that a log of failures alone tells what went wrong. */
  private static String endOfTheReport() {
    Path log = Path.of("target/emulated/serial.log");
    try {
      List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
      return log
          + " ends with\n"
          + String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
    } catch (IOException e) {
      return "there is no " + log + ": " + e;
    }
  }
}
