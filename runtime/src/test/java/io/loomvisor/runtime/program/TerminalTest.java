package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * {@code loomvisor do} at a terminal of the host: job control, editing, window size; the terminal
 * is given back.
 */
class TerminalTest {
  private static final Duration LIMIT = Duration.ofSeconds(150);

  @BeforeEach
  void kvm() {
    Product.require();
  }

  /** What at_terminal prints after it has run {@code program} in the sandbox by {@code script}. */
  private static String atTerminal(String script, String... program)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(Product.command("-e", "PS1=$ ", "-e", "TERM=dumb", "--"));
    line.addAll(List.of(program));
    return drive(script, line);
  }

  private static String drive(String script, List<String> command)
      throws IOException, InterruptedException {
    Path driver = Product.scratch("terminal").resolve("at_terminal");
    Path source = Product.TREE.resolve("runtime/src/test/programs/at_terminal.c");
    Product.Outcome compiled =
        Product.run(
            List.of("gcc", "-O1", "-o", driver.toString(), source.toString(), "-lutil"),
            Product.TREE,
            LIMIT);
    assertEquals(0, compiled.status(), compiled.errors());
    List<String> line = new ArrayList<>(List.of(driver.toString()));
    line.addAll(command);
    Process process = Product.start(line, Product.TREE);
    process.getOutputStream().write(script.getBytes(StandardCharsets.ISO_8859_1));
    process.getOutputStream().close();
    Product.Outcome outcome = Product.await(process, LIMIT);
    assertEquals(0, outcome.status(), outcome.errors());
    return outcome.text();
  }

  @Test
  void shellHasJobControl() throws Exception {
    String script =
        """
        expect $\s
        raw
        send tty\\r
        expect /dev/pts/0
        expect $\s
        send sh -c 'trap "echo $((90+9))" CONT; echo $((40+2)); while :; do sleep 0.1; done'\\r
        expect 42
        send \\x1a
        expect Stopped
        expect $\s
        send jobs\\r
        expect Stopped
        expect $\s
        send fg\\r
        expect 99
        send \\x03
        expect ^C
        expect $\s
        send echo status $?\\r
        expect status 130
        send cat & while ! grep -q "^State:.T" /proc/$!/status; do sleep 0.1; done\\r
        expect Stopped
        send kill -9 %1; while [ -e /proc/$! ]; do sleep 0.1; done; exit 5\\r
        """;
    String[] shell = {"/bin/bash", "--norc", "--noprofile", "--noediting", "-i"};
    assertEquals("raw yes\nstatus 5\nrestored yes\n", atTerminal(script, shell));
  }

  @Test
  void lineIsEditedAndEnds() throws Exception {
    String script =
        """
        send early\\r
        expect got early
        send abc\\x7fd\\r
        expect got abd
        send word gone\\x17there\\r
        expect got word there
        send \\x04
        """;
    String program = "while read line; do echo got $line; done; echo end; exit 4";
    assertEquals("status 4\nrestored yes\n", atTerminal(script, "/bin/sh", "-c", program));
  }

  @Test
  void windowSizeFollows() throws Exception {
    String script =
        """
        expect 24 80
        size 33 99
        expect changed 33 99
        """;
    String program =
        "trap 'echo changed $(stty size); exit' WINCH; stty size; while :; do sleep 0.1; done";
    assertEquals("status 0\nrestored yes\n", atTerminal(script, "/bin/sh", "-c", program));
  }

  @Test
  void signalFromOutsideGivesTheTerminalBack() throws Exception {
    String script =
        """
        expect ready
        raw
        signal 15
        """;
    assertEquals(
        "raw yes\nstatus 143\nrestored yes\n",
        atTerminal(script, "/bin/sh", "-c", "echo ready; exec sleep 100"));
  }

  @Test
  void commandThatIsNotFoundLeavesTheTerminalAlone() throws Exception {
    assertEquals("status 127\nrestored yes\n", atTerminal("expect not\n", "no-such-command"));
  }

  /**
   * Only standard output and error are the terminal: they are one for the application too, in the
   * host's mode.
   */
  @Test
  void outputAloneIsATerminal() throws Exception {
    String python = "import os; print(*[os.isatty(fd) for fd in range(3)])";
    List<String> words = Product.command("--", "/usr/bin/python3", "-c", python);
    String line = String.join(" ", words.stream().map(w -> "'" + w + "'").toList()) + " </dev/null";
    String script = "expect False True True\n";
    assertEquals("status 0\nrestored yes\n", drive(script, List.of("/bin/sh", "-c", line)));
  }
}
