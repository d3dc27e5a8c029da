package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a script of src/test has come to, which runs cases of its own and says SKIPPED where it
 * cannot.
 */
record SuiteScript(int status, String said) {
  private static final String SKIPPED = "SKIPPED: ";

  /**
   * Runs one; if it is skipped, so is the test, and says why.
   *
   * @param log what it says is written there as it goes
   */
  static SuiteScript run(Path log, String... line) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("LOOMVISOR_AS_BUILT", "1"); // a build inside the build
    Process run = builder.start();
    int status;
    try {
      status = run.waitFor();
    } finally {
      run.descendants().forEach(ProcessHandle::destroy);
      run.destroy();
    }
    String said = Files.readString(log, StandardCharsets.UTF_8);
    if (said.contains(SKIPPED)) {
      System.err.println(line[0] + ": " + said);
    }
    assumeFalse(said.contains(SKIPPED), said);
    return new SuiteScript(status, said);
  }
}
