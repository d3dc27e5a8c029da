package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    SuiteScript run =
        SuiteScript.run(Path.of("target/network.log"), "src/test/network/run", "--short");
    assertEquals(0, run.status(), run.said());
    assertTrue(PASSED.matcher(run.said()).find(), run.said());
  }
}
