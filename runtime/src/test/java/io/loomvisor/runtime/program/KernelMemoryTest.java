package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a program that has the kernel remember as much as it can. */
class KernelMemoryTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  /** Status of a JVM with ExitOnOutOfMemoryError. */
  private static final int HEAP_FULL = 3;

  private static Path program;

  @BeforeAll
  static void compile() throws Exception {
    program = Product.scratch("kernel-memory").resolve("kernel-memory");
    Path source = Product.TREE.resolve("kernel/src/test/programs/kernel-memory.c");
    List<String> gcc =
        List.of("gcc", "-O1", "-static", "-o", program.toString(), source.toString());
    Product.Outcome outcome = Product.run(gcc, Product.TREE, LIMIT);
    assertEquals(0, outcome.status(), outcome.errors());
  }

  @BeforeEach
  void kvm() {
    Product.require();
  }

  /**
   * @param java for the sentry: what is in this variable comes after the launcher's own options
   */
  private static Product.Outcome run(String java, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("env", "_JAVA_OPTIONS=" + java));
    command.addAll(Product.command("--network", "none", "--", program.toString()));
    command.addAll(List.of(arguments));
    return Product.run(command, Product.TREE, LIMIT);
  }

  private static void refused(String what, String count, String errno) throws Exception {
    Product.Outcome outcome = run("-Xmx80m", what, count);
    String[] lines = outcome.text().split("\n");
    assertEquals(0, outcome.status(), outcome.text() + outcome.errors());
    assertTrue(lines[0].matches("[1-9][0-9]* " + errno), outcome.text());
    assertEquals("still works", lines[1]);
  }

  @Test
  void extendedAttributes() throws Exception {
    refused("attribute", "2000", "ENOSPC");
  }

  @Test
  void semaphores() throws Exception {
    refused("semaphore", "2000", "ENOSPC");
  }

  @Test
  void targetsOfSymbolicLinks() throws Exception {
    refused("symlink", "20000", "ENOSPC");
  }

  @Test
  void namesThatDoNotExist() throws Exception {
    Product.Outcome outcome = run("-Xmx80m -Dloomvisor.dentries=100", "absent", "3000");
    assertEquals("3000 none\nstill works\n", outcome.text(), outcome.errors());
  }

  /** Were nothing charged. */
  @Test
  void aFullHeapEndsTheSandbox() throws Exception {
    Product.Outcome outcome =
        run("-Xmx80m -Dloomvisor.kernel.memory=1000000000000", "attribute", "5000");
    assertEquals(HEAP_FULL, outcome.status(), outcome.text() + outcome.errors());
    assertTrue(
        outcome.errors().contains("Terminating due to java.lang.OutOfMemoryError"),
        outcome.errors());
    assertEquals("", outcome.text());
  }
}
