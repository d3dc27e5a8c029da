package io.loomvisor.runtime.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
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
  @Timeout(value = 12, unit = TimeUnit.MINUTES)
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
    assertEquals(0, status, "see target/emulated/serial.log");
  }
}
