package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.loomvisor.runtime.seccomp.SentrySyscall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the host says of a running sandbox's processes. */
class LockTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Test
  void theSentryHasNothingOfTheHost() throws Exception {
    Product.require();
    assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: not root");
    Process sandbox =
        Product.start(Product.command("--", "/bin/sh", "-c", "echo up; read x"), Product.TREE);
    try {
      assertEquals("up", Product.line(sandbox));
      Path sentry = Path.of("/proc/" + sandbox.pid());
      for (Path task : list(sentry.resolve("task"))) {
        Map<String, String> status = status(task);
        if (status.get("Name").startsWith("kvm")) {
          continue; // a thread of the host's kernel, which never runs the sentry's code
        }
        assertEquals("65534 65534 65534 65534", status.get("Uid"), task.toString());
        assertEquals("65534 65534 65534 65534", status.get("Gid"), task.toString());
        assertEquals("", status.get("Groups"), task.toString());
        assertEquals("0000000000000000", status.get("CapEff"), task.toString());
        assertEquals("0000000000000000", status.get("CapPrm"), task.toString());
        assertEquals("1", status.get("NoNewPrivs"), task.toString());
        assertEquals("2", status.get("Seccomp"), task.toString());
      }
      assertEquals(List.of(), list(sentry.resolve("root")), "the root directory is empty");
      assertEquals(1, Files.readAllLines(sentry.resolve("mountinfo")).size(), "one mount");
      for (String namespace : List.of("mnt", "net", "ipc", "uts")) {
        Path link = Path.of("ns", namespace);
        assertNotEquals(
            Files.readSymbolicLink(Path.of("/proc/self").resolve(link)),
            Files.readSymbolicLink(sentry.resolve(link)),
            namespace);
      }
      long gofer = gofer(sandbox);
      Path root = Path.of("/proc/" + gofer + "/root");
      assertEquals(List.of(root.resolve("0")), list(root), "the gofer sees what it serves");
      assertTrue(
          Files.readAllLines(Path.of("/proc/" + gofer + "/mountinfo")).stream()
              .allMatch(l -> l.split(" ")[5].startsWith("ro")),
          "and cannot change it");
      for (Path task : list(Path.of("/proc/" + gofer + "/task"))) {
        assertEquals("1", status(task).get("NoNewPrivs"), task.toString());
        assertEquals("2", status(task).get("Seccomp"), task.toString());
      }
    } finally {
      sandbox.getOutputStream().close();
      assertFalse(Product.await(sandbox, LIMIT).timedOut());
    }
  }

  private static long gofer(Process sandbox) {
    return sandbox.descendants().findFirst().orElseThrow().pid();
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    }
  }

  private static Map<String, String> status(Path task) throws IOException {
    return Files.readAllLines(task.resolve("status")).stream()
        .map(l -> l.split(":", 2))
        .collect(Collectors.toMap(l -> l[0], l -> l[1].strip().replace('\t', ' ')));
  }

  @Test
  void theLogSaysWhatIsInstalled() throws Exception {
    Product.require();
    installs(true, Product.command("--debug", "--", "/bin/true"));
    List<String> off =
        new ArrayList<>(List.of("env", "JDK_JAVA_OPTIONS=-Dloomvisor.exitless=never"));
    off.addAll(Product.command("--debug", "--", "/bin/true"));
    installs(false, off);
  }

  private static void installs(boolean polling, List<String> command) throws Exception {
    Product.Outcome outcome = Product.run(command, Product.TREE, LIMIT);
    assertEquals(0, outcome.status(), outcome.errors());
    String line = "Installing seccomp filters for " + SentrySyscall.allowed(polling) + " syscalls";
    assertTrue(outcome.errors().contains(line), outcome.errors());
  }

  /** The launcher sets variables for the JVM; programs must see the caller's. */
  @Test
  void theCallersEnvironmentIsTheApplications() throws Exception {
    Product.require();
    String names = "MALLOC_ARENA_MAX|GLIBC_TUNABLES|LOOMVISOR_CALLERS";
    List<String> command = Product.command("--", "/bin/sh", "-c", "env | grep -E '" + names + "'");
    ProcessBuilder builder = new ProcessBuilder(command).directory(Product.TREE.toFile());
    builder.environment().put("LOOMVISOR_AS_BUILT", "1");
    builder.environment().put("MALLOC_ARENA_MAX", "3");
    Product.Outcome outcome = Product.await(builder.start(), LIMIT);
    assertEquals("MALLOC_ARENA_MAX=3\n", outcome.text(), outcome.errors());
  }
}
