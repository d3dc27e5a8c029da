package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Signals to {@code loomvisor do} reach the application; its death shows in the status; spinners do
 * no harm.
 */
class SignalsTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @BeforeEach
  void kvm() {
    Product.require();
  }

  /** Runs a script that says "ready", then sends the launcher a signal. */
  private static Product.Outcome interrupt(String script, String signal)
      throws IOException, InterruptedException {
    Process process = Product.start(Product.command("--", "/bin/sh", "-c", script), Product.TREE);
    assertEquals("ready", Product.line(process), () -> errors(process));
    kill(process.pid(), signal);
    return Product.await(process, LIMIT);
  }

  private static String errors(Process process) {
    try {
      return process.errorReader().readLine();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void kill(long pid, String signal) throws IOException, InterruptedException {
    assertEquals(0, new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor());
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM", "HUP"})
  void signalReachesTheHandler(String signal) throws Exception {
    String script =
        "trap 'echo caught; exit 3' " + signal + "; echo ready; while :; do sleep 0.1; done";
    Product.Outcome outcome = interrupt(script, signal);
    assertFalse(outcome.timedOut());
    assertEquals("caught\n", outcome.text(), outcome.errors());
    assertEquals(3, outcome.status());
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143", "HUP, 129"})
  void signalThatKillsIsTheStatus(String signal, int status) throws Exception {
    Product.Outcome outcome = interrupt("echo ready; exec sleep 60", signal);
    assertFalse(outcome.timedOut());
    assertEquals(status, outcome.status(), outcome.errors());
    Product.assertNoStackTrace(outcome);
  }

  @Test
  void ignoredSignalDoesNothing() throws Exception {
    Product.Outcome outcome = interrupt("trap '' TERM; echo ready; sleep 1; echo alive", "TERM");
    assertEquals("alive\n", outcome.text());
    assertEquals(0, outcome.status());
  }

  @ParameterizedTest
  @CsvSource({"SEGV, 139", "KILL, 137", "ABRT, 134", "PIPE, 141"})
  void deathInsideIsTheStatus(String signal, int status) throws Exception {
    Product.Outcome outcome = Product.shell("kill -" + signal + " $$", LIMIT);
    assertEquals(status, outcome.status(), outcome.errors());
  }

  @Test
  void spinnersDoNotStopOthersAndCanBeKilled() throws Exception {
    String script =
        "for i in 1 2 3 4 5 6 7 8; do (while :; do :; done) & done; for i in $(seq 20); do"
            + " /bin/echo $i; done | wc -l; kill -9 $(jobs -p) 2>/dev/null || kill -9 0; wait; echo"
            + " over";
    Product.Outcome outcome =
        Product.run(Product.command("--", "/bin/bash", "-c", script), Product.TREE, LIMIT);
    assertFalse(outcome.timedOut(), outcome.text());
    assertEquals("20\nover\n", outcome.text(), outcome.errors());
  }

  @Test
  void spinnerIsKilledFromOutside() throws Exception {
    Product.Outcome outcome = interrupt("echo ready; while :; do :; done", "TERM");
    assertFalse(outcome.timedOut());
    assertEquals(143, outcome.status());
  }

  @Test
  void launcherThatIsKilledLeavesNothingBehind() throws Exception {
    Process process =
        Product.start(Product.command("--", "/bin/sh", "-c", "echo ready; sleep 60"), Product.TREE);
    assertEquals("ready", Product.line(process));
    var children = process.descendants().toList();
    process.destroyForcibly().waitFor();
    for (ProcessHandle child : children) {
      child.onExit().get(LIMIT.toSeconds(), java.util.concurrent.TimeUnit.SECONDS);
      assertTrue(!child.isAlive());
    }
  }
}
