package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What strace(1) sees of a working sentry is in the list that its filter is made of. */
class HostCallsTest {
  @Test
  void noCallIsOutsideOfTheList() throws Exception {
    Product.require();
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/strace")), "SKIPPED: no strace");
    String script = Product.TREE.resolve("runtime/src/test/hostcalls/run").toString();
    Product.Outcome outcome = Product.run(List.of(script), Product.TREE, Duration.ofSeconds(240));
    assertEquals(0, outcome.status(), outcome.text() + outcome.errors());
    for (String word : List.of("from outside\n", "caught\n", "over tcp\n", "done\n")) {
      assertTrue(outcome.text().contains(word), word + " in " + outcome.text());
    }
    assertTrue(outcome.text().contains("calls of "), outcome.text());
  }
}
