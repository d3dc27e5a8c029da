package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the differential programs say on the host they say with calls answered without an exit. */
class ExitlessTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  @BeforeEach
  void kvm() {
    Product.require();
  }

  @ParameterizedTest
  @ValueSource(strings = {"process/quick_calls", "process/quick_effects", "pipes/quick_transfers"})
  void quickCallsBehaveAsOnTheHost(String name) throws InterruptedException {
    compare(name, "eager", "call poller: [1-9]\\d* calls served");
  }

  /** And with tasks that serve each other's calls. */
  @ParameterizedTest
  @ValueSource(strings = {"pipes/hand_over", "pipes/quick_transfers"})
  void standingByBehavesAsOnTheHost(String name) throws InterruptedException {
    compare(name, "standby", "standby: [1-9]\\d* calls served");
  }

  private static void compare(String name, String mode, String log) throws InterruptedException {
    String program = program(name);
    Product.Outcome host = Product.run(List.of(program), Product.TREE, LIMIT);
    assertEquals(0, host.status());
    assertTrue(host.text().contains(": yes"), host.text());
    List<String> command = new ArrayList<>();
    command.addAll(List.of("env", "JDK_JAVA_OPTIONS=-Dloomvisor.exitless=" + mode));
    command.addAll(Product.command("--debug", "--", program));
    Product.Outcome sandbox = Product.run(command, Product.TREE, LIMIT);
    assertFalse(sandbox.timedOut());
    assertEquals(0, sandbox.status(), sandbox.errors());
    assertEquals(host.text(), sandbox.text());
    assertTrue(sandbox.errors().matches("(?s).*" + log + ".*"), sandbox.errors());
  }

  private static String program(String name) throws InterruptedException {
    Path program = Product.scratch("exitless").resolve(Path.of(name).getFileName());
    Path tests = Product.TREE.resolve("kernel/src/test/differential");
    List<String> gcc =
        List.of(
            "gcc",
            "-O1",
            "-static",
            "-pthread",
            "-I" + tests,
            "-o",
            program.toString(),
            tests.resolve(name + ".c").toString());
    Product.Outcome outcome = Product.run(gcc, Product.TREE, LIMIT);
    assertEquals(0, outcome.status(), outcome.errors());
    return program.toString();
  }
}
