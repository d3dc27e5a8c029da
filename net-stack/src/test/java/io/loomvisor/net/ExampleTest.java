package io.loomvisor.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The example: Linux's own TCP, by way of curl and a TUN or TAP device in a network namespace,
 * talks to this stack.
 */
final class ExampleTest {
  private static final Path RUN = Path.of("src/example/run").toAbsolutePath();

  @Test
  @Timeout(120)
  void curlGetsWhatTheExampleServes() throws Exception {
    check();
  }

  /** Segments of up to 64 KiB without checksums, both ways. */
  @Test
  @Timeout(120)
  void theSameThroughTapWithOffloads() throws Exception {
    check("--tap");
  }

  private static void check(String... options) throws Exception {
    need(Files.isWritable(Path.of("/dev/net/tun")), "no /dev/net/tun");
    need(succeeds("unshare", "--net", "true"), "no right to make a network namespace (root)");
    need(succeeds("ip", "-V") && succeeds("curl", "-V"), "no ip or curl");
    List<String> out = run(options);
    assertEquals("server: listening at port 80", out.get(0));
    assertTrue(out.get(1).matches("hello \\[::ffff:10.9.0.1]:\\d+, this is net-stack"), out.get(1));
    assertTrue(out.get(2).matches("hello \\[fd09::1]:\\d+, this is net-stack"), out.get(2));
    assertEquals("1 connection(s), 200", out.get(4));
    assertEquals("0 connection(s), 404", out.get(6));
    // By cksum(1) of the digits, over and over.
    assertEquals("20 MB from 10.9.0.2: 3421084393 20000000", out.get(7));
    assertEquals("20 MB from [fd09::2]: 3421084393 20000000", out.get(8));
    assertTrue(out.get(9).matches("ten at once:( 100000\\d+){10}"), out.get(9));
    assertEquals("a port that nobody has: curl says 7", out.get(10));
  }

  private static void need(boolean there, String otherwise) {
    if (!there) {
      System.err.println("SKIPPED ExampleTest: " + otherwise);
    }
    assumeTrue(there, "SKIPPED: " + otherwise);
  }

  private static boolean succeeds(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static List<String> run(String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of(options));
    command.addFirst(RUN.toString());
    ProcessBuilder b = new ProcessBuilder(command);
    String[] path = System.getProperty("java.class.path").split(":");
    b.environment().put("JAVA_HOME", System.getProperty("java.home"));
    b.environment().put("NET_STACK_CLASSES", only(path, "net-stack/target/classes"));
    b.environment().put("SLF4J_API", only(path, "slf4j-api"));
    Path errors = Files.createTempFile("example", ".err");
    b.redirectError(errors.toFile());
    Process p = b.start();
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(p.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, p.exitValue(), out + Files.readString(errors));
    Files.delete(errors);
    return out.lines().toList();
  }

  private static String only(String[] path, String part) {
    return Arrays.stream(path).filter(p -> p.contains(part)).findFirst().orElseThrow();
  }
}
