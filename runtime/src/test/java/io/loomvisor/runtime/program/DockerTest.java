package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The short form of src/test/docker/run: a real Docker engine, the same containers with runc and
 * with this tree's runtime.
 */
class DockerTest {
  private static final Pattern RESULT = Pattern.compile("(?m)^(\\d+) the same, 0 different$");
  private static final int LEAST = 60;

  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void containersAreAsWithRunc() throws Exception {
    Product.require();
    Path log = Path.of("target/docker.log");
    Process run =
        new ProcessBuilder("src/test/docker/run", "--short")
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
    if (said.contains("SKIPPED")) {
      System.err.println("SKIPPED the Docker suite: " + said);
    }
    assumeFalse(said.contains("SKIPPED"), said);
    assertEquals(0, status, said);
    Matcher result = RESULT.matcher(said);
    assertTrue(result.find() && Integer.parseInt(result.group(1)) >= LEAST, said);
  }
}
