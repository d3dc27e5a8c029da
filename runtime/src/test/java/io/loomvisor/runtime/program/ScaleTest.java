package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many tasks at once, in less than 2 GiB for sentry and gofer together. */
class ScaleTest {
  private static final Duration LIMIT = Duration.ofSeconds(180);
  private static final long LIMIT_KIB = 2L << 20;

  @BeforeEach
  void kvm() {
    Product.require();
  }

  /** Compiles {@code source} of kernel/src/test/programs statically. */
  private static Path compile(String source) throws InterruptedException {
    Path program = Product.scratch("scale").resolve(source);
    Path from = Product.TREE.resolve("kernel/src/test/programs").resolve(source + ".c");
    List<String> gcc =
        List.of("gcc", "-O1", "-static", "-pthread", "-o", program.toString(), from.toString());
    Product.Outcome outcome = Product.run(gcc, Product.TREE, LIMIT);
    assertEquals(0, outcome.status(), outcome.errors());
    return program;
  }

  /** The program says "full" when all are blocked, and waits for a line before it lets them go. */
  private static void measure(Path program, String count, String result)
      throws IOException, InterruptedException {
    Process process = Product.start(Product.command("--", program.toString(), count), Product.TREE);
    Thread watchdog = Thread.ofPlatform().daemon().start(() -> expire(process));
    assertEquals(
        "full", Product.line(process), "what the program says once all its tasks are blocked");
    long resident = resident(process.toHandle());
    process.outputWriter().append("\n").flush();
    assertEquals(result, Product.line(process));
    Product.Outcome outcome = Product.await(process, LIMIT);
    watchdog.interrupt();
    assertFalse(outcome.timedOut());
    assertEquals(0, outcome.status(), outcome.errors());
    assertTrue(resident < LIMIT_KIB, "resident: " + resident + " KiB");
    System.out.println(
        "ScaleTest: "
            + count
            + " "
            + program.getFileName()
            + ": "
            + resident / 1024
            + " MiB resident");
  }

  private static void expire(Process process) {
    try {
      Thread.sleep(LIMIT);
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Resident memory of a process and its children, KiB; shared pages are counted once per process.
   */
  private static long resident(ProcessHandle root) throws IOException {
    long sum = 0;
    for (ProcessHandle p : Stream.concat(Stream.of(root), root.descendants()).toList()) {
      for (String line : Files.readAllLines(Path.of("/proc/" + p.pid() + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          sum += Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    }
    return sum;
  }

  /** Who takes all memory is killed; nobody else loses anything, and the sandbox goes on. */
  @Test
  void outOfMemory() throws Exception {
    String program = compile("out-of-memory").toString();
    Product.Outcome outcome =
        Product.run(Product.command("--memory", "128M", "--", program), Product.TREE, LIMIT);
    assertEquals(
        "touch: -9\nread: -9\nsome children were killed: 1\nnothing is lost\n", outcome.text());
    assertEquals(7, outcome.status(), outcome.errors());
    assertTrue(outcome.errors().contains("out of memory: killed process"), outcome.errors());
  }

  @Test
  void thousandBlockedProcesses() throws Exception {
    measure(compile("many-processes"), "1000", "1000 ended");
  }

  @Test
  void twoThousandThreads() throws Exception {
    measure(compile("many-threads"), "2000", "2000 ended");
  }
}
