package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    SuiteScript run =
        SuiteScript.run(Path.of("target/docker.log"), "src/test/docker/run", "--short");
    assertEquals(0, run.status(), run.said());
    Matcher result = RESULT.matcher(run.said());
    assertTrue(result.find() && Integer.parseInt(result.group(1)) >= LEAST, run.said());
  }
}
