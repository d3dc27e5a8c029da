package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@code --network}: the short form of src/test/network/run, in a network namespace of its own,
 * with programs of the host at the other end.
 */
class NetworkTest {
  private static final Pattern PASSED = Pattern.compile("(?m)^[1-9][0-9]* passed, 0 failed$");

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void programsReachEachOtherAcrossTheSandboxesEdge() throws Exception {
    Path log = Path.of("target/network.log");
    Process run =
        new ProcessBuilder("src/test/network/run", "--short")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    int status;
    try {
      status = run.waitFor();
    } finally {
      run.descendants().forEach(ProcessHandle::destroy);
      run.destroy();
    }
    String said = Files.readString(log, StandardCharsets.UTF_8);
    if (said.startsWith("SKIPPED")) {
      System.err.println(said);
    }
    assumeFalse(said.startsWith("SKIPPED"), said);
    assertEquals(0, status, said);
    assertTrue(PASSED.matcher(said).find(), said);
  }
}
