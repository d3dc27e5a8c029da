package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What is broken gets a clear message and the status that a shell would give, no stack trace, and
 * nothing hangs. Bad pointers and lengths are the differential programs' matter ({@code hostile}).
 */
class BadInputTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int NOT_FOUND = 127;
  private static final int CANNOT_RUN = 126;

  private final Path directory = Product.scratch("bad-input");

  @BeforeEach
  void kvm() {
    Product.require();
  }

  private Path file(String name, byte[] bytes) throws IOException {
    Path file = directory.resolve(name);
    Files.write(file, bytes);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }

  private static void fails(int status, String message, String... command)
      throws InterruptedException {
    String[] line = new String[command.length + 1];
    line[0] = "--";
    System.arraycopy(command, 0, line, 1, command.length);
    Product.Outcome outcome = Product.run(Product.command(line), Product.TREE, LIMIT);
    assertFalse(outcome.timedOut(), outcome.errors());
    assertEquals(status, outcome.status(), outcome.errors());
    assertTrue(outcome.errors().contains(message), outcome.errors());
    Product.assertNoStackTrace(outcome);
  }

  @Test
  void missingCommand() throws Exception {
    fails(NOT_FOUND, "No such file or directory", "/no/such/program");
    fails(NOT_FOUND, "no-such-program", "no-such-program");
  }

  @Test
  void whatIsNoProgram() throws Exception {
    fails(CANNOT_RUN, "Permission denied", "/etc/passwd");
    fails(CANNOT_RUN, "Permission denied", "/etc");
    fails(CANNOT_RUN, "Exec format error", file("text", "no program\n".getBytes()).toString());
    fails(CANNOT_RUN, "Exec format error", file("empty", new byte[0]).toString());
  }

  @Test
  void missingInterpreter() throws Exception {
    fails(
        NOT_FOUND,
        "No such file or directory",
        file("script", "#!/no/such/interpreter\n".getBytes()).toString());
  }

  /**
   * A program cut anywhere or garbled fails where it fails on Linux, and the sandbox lives on. How
   * is not compared: what Linux kills within execve by SIGSEGV is ENOEXEC here, or SIGBUS at the
   * first touch.
   */
  @Test
  void truncatedElfFiles() throws Exception {
    byte[] whole = Files.readAllBytes(Path.of("/bin/true").toRealPath());
    StringBuilder script = new StringBuilder();
    for (int length :
        new int[] {
          1, 4, 16, 52, 63, 64, 65, 120, 200, 600, 792, 1000, 4096, 5000, whole.length / 2
        }) {
      script.append(file("cut-" + length, Arrays.copyOf(whole, length))).append("; echo $?; ");
    }
    byte[] garbled = whole.clone();
    Arrays.fill(garbled, 32, 40, (byte) 0xff);
    script.append(file("program-headers-far-away", garbled)).append("; echo $?; ");
    garbled = whole.clone();
    Arrays.fill(garbled, 64, 600, (byte) 0xff);
    script.append(file("program-headers-garbled", garbled)).append("; echo $?");
    List<String> shell = List.of("/bin/sh", "-c", script.toString());
    Product.Outcome host = Product.run(shell, Product.TREE, LIMIT);
    String expected = host.text().replaceAll("\\b(126|135|139)\\b", "fails");
    Product.Outcome sandbox =
        Product.run(Product.command("--", "/bin/sh", "-c", script.toString()), Product.TREE, LIMIT);
    assertEquals(
        "",
        TextDifference.of(expected, sandbox.text().replaceAll("\\b(126|135|139)\\b", "fails")),
        sandbox.errors());
    Product.assertNoStackTrace(sandbox);
  }

  /** 128 KiB is the limit of one argument (MAX_ARG_STRLEN); what is longer is E2BIG. */
  @Test
  void hugeArgument() throws Exception {
    String script =
        "/bin/true $(head -c 131000 /dev/zero | tr '\\0' x); echo $?; "
            + "/bin/true $(head -c 1048576 /dev/zero | tr '\\0' x); echo $?; "
            + "/bin/true $(seq 500000); echo $?";
    Product.Outcome outcome = Product.shell(script, LIMIT);
    assertEquals("0\n126\n126\n", outcome.text(), outcome.errors());
    assertTrue(outcome.errors().contains("Argument list too long"), outcome.errors());
  }

  @Test
  void commandLineThatMakesNoSense() throws Exception {
    Product.Outcome nothing = Product.run(Product.command(), Product.TREE, LIMIT);
    assertTrue(nothing.status() != 0 && nothing.errors().contains("CMD"), nothing.errors());
    Product.assertNoStackTrace(nothing);
    Product.Outcome root =
        Product.run(Product.command("--root-dir", "/nowhere", "--", "true"), Product.TREE, LIMIT);
    assertTrue(root.status() != 0 && root.errors().contains("/nowhere"), root.errors());
    Product.assertNoStackTrace(root);
    Product.Outcome cwd =
        Product.run(Product.command("--cwd", "/nowhere", "--", "true"), Product.TREE, LIMIT);
    assertTrue(cwd.status() != 0 && cwd.errors().contains("/nowhere"), cwd.errors());
    Product.assertNoStackTrace(cwd);
  }

  /** The sandbox's files are gone: it says so and ends. */
  @Test
  void goferThatDies() throws Exception {
    Process process =
        Product.start(
            Product.command(
                "--",
                "/bin/sh",
                "-c",
                "echo ready; while :; do cat /etc/passwd > /dev/null; sleep 0.1; done"),
            Product.TREE);
    assertEquals("ready", Product.line(process));
    ProcessHandle gofer =
        process
            .descendants()
            .filter(p -> commandLine(p.pid()).contains("gofer"))
            .findFirst()
            .orElseThrow(
                () -> new AssertionError("no gofer process: " + process.descendants().toList()));
    gofer.destroyForcibly();
    Product.Outcome outcome = Product.await(process, LIMIT);
    assertFalse(outcome.timedOut(), outcome.errors());
    assertTrue(outcome.status() != 0, outcome.errors());
    assertTrue(outcome.errors().contains("lost its files"), outcome.errors());
    Product.assertNoStackTrace(outcome);
  }

  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
    } catch (IOException e) {
      return "";
    }
  }
}
