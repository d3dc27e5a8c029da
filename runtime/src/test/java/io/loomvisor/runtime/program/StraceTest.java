package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code --strace} prints, beside what the host's strace prints for the same commands. */
class StraceTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final List<String> CALLS =
      List.of("openat", "read", "write", "lseek", "dup2", "unlink", "mkdir", "chdir");

  /** The lines of calls that do not depend on the machine, with addresses blanked. */
  private static List<String> comparable(Stream<String> lines, String marker) {
    return lines
        .map(l -> l.replaceFirst("^\\[pid +\\d+\\] ", "").replaceAll(" +=", " ="))
        .map(l -> l.replaceAll("0x[0-9a-f]{6,}", "ADDRESS"))
        .dropWhile(l -> !l.startsWith("openat") || !l.contains(marker))
        .filter(
            l -> CALLS.contains(l.split("\\(")[0]) || l.startsWith("---") || l.startsWith("+++"))
        .map(l -> l.replaceAll("si_pid=\\d+", "si_pid=N").replaceAll(", si_utime=.*}", "}"))
        .toList();
  }

  @Test
  void printsWhatStracePrints() throws Exception {
    Product.require();
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/strace")), "strace is not installed");
    Path directory = Product.scratch("strace");
    String script =
        "read x < /etc/hostname; cd /usr; mkdir /nowhere/x; echo 'a \"quoted\" text that is longer"
            + " than 32 bytes' >/dev/null; cat < /dev/null 2>/no/such/file; cd /none; kill -USR1"
            + " $$";
    Path host = directory.resolve("host");
    Path sandbox = directory.resolve("sandbox");
    Files.deleteIfExists(sandbox);
    Product.run(
        List.of("strace", "-o", host.toString(), "/bin/dash", "-c", script), Product.TREE, LIMIT);
    Product.Outcome outcome =
        Product.run(
            Product.command(
                "--strace", "--log", sandbox.toString(), "--", "/bin/dash", "-c", script),
            Product.TREE,
            LIMIT);
    assertEquals(138, outcome.status(), outcome.errors());
    try (Stream<String> a = Files.lines(host);
        Stream<String> b = Files.lines(sandbox).filter(l -> l.startsWith("[pid 2]"))) {
      List<String> expected = comparable(a, "/etc/hostname");
      assertTrue(expected.size() > 8, expected.toString());
      assertEquals(String.join("\n", expected), String.join("\n", comparable(b, "/etc/hostname")));
    }
  }

  @Test
  void saysNothingWhenOff() throws Exception {
    Product.require();
    Product.Outcome outcome = Product.shell("true", LIMIT);
    assertEquals("", outcome.errors());
  }
}
