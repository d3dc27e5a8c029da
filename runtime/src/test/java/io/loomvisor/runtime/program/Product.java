package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The product as users start it: the launcher of this working tree, as it has been built.
 * LOOMVISOR_COMMAND names another command to take {@code do}'s arguments, e.g. while developing.
 */
final class Product {
  /** The root of the working tree: the directory above a module's. */
  static final Path TREE = Path.of("").toAbsolutePath().getParent();

  private Product() {}

  /** What a program left behind. */
  record Outcome(int status, byte[] out, byte[] err, boolean timedOut) {
    String text() {
      return new String(out, StandardCharsets.ISO_8859_1);
    }

    String errors() {
      return new String(err, StandardCharsets.ISO_8859_1);
    }
  }

  /** Tests that need KVM are skipped without it; CI has it. */
  static void require() {
    assumeTrue(Files.isWritable(Path.of("/dev/kvm")), "no /dev/kvm");
  }

  /** The command line of {@code loomvisor do ARGUMENTS}. */
  static List<String> command(String... arguments) {
    List<String> line = new ArrayList<>();
    String other = System.getenv("LOOMVISOR_COMMAND");
    if (other != null) {
      line.addAll(Arrays.asList(other.split(" ")));
    } else {
      Path launcher = TREE.resolve("loomvisor");
      assertTrue(Files.isExecutable(launcher), launcher + " is missing");
      line.add(launcher.toString());
      line.add("do");
    }
    line.addAll(Arrays.asList(arguments));
    return line;
  }

  /** Starts a command; its error stream stays apart. */
  static Process start(List<String> command, Path directory) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    // The launcher takes what is built: the tests run inside the build.
    builder.environment().put("LOOMVISOR_AS_BUILT", "1");
    builder.environment().put("LC_ALL", "C");
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a command to its end, or kills it after {@code limit}. */
  static Outcome run(List<String> command, Path directory, Duration limit)
      throws InterruptedException {
    Process process = start(command, directory);
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return await(process, limit);
  }

  /** The next line of {@code process}, no byte more; what follows is {@link #await}'s. */
  static String line(Process process) {
    StringBuilder line = new StringBuilder();
    try {
      for (int c = process.getInputStream().read();
          c >= 0 && c != '\n';
          c = process.getInputStream().read()) {
        line.append((char) c);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return line.toString();
  }

  /** Collects what {@code process} still prints, and its status. */
  static Outcome await(Process process, Duration limit) throws InterruptedException {
    CompletableFuture<byte[]> out = read(process.getInputStream());
    CompletableFuture<byte[]> err = read(process.getErrorStream());
    boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
    return new Outcome(process.exitValue(), out.join(), err.join(), !ended);
  }

  private static CompletableFuture<byte[]> read(InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            return new byte[0];
          }
        },
        task -> Thread.ofPlatform().daemon().start(task));
  }

  /** A command line in the sandbox, through sh. */
  static Outcome shell(String script, Duration limit) throws InterruptedException {
    return run(command("--", "/bin/sh", "-c", script), TREE, limit);
  }

  /** A directory for this run's files, inside the working tree so that sandboxes see it. */
  static Path scratch(String name) {
    try {
      Path dir = TREE.resolve("runtime/target/programs").resolve(name);
      Files.createDirectories(dir);
      return dir;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** No stack trace may reach a user. */
  static void assertNoStackTrace(Outcome outcome) {
    String all = outcome.text() + outcome.errors();
    assertTrue(!all.contains("\tat ") && !all.contains("Exception in thread"), all);
  }
}
