package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.runtime.oci.spec.CapabilityName;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ways out of containers that have been found elsewhere, tried by root with all capabilities and
 * without a seccomp profile. Others: {@code hostile/kernel_pointers.c}, {@code GoferServerTest},
 * {@code LyingGoferTest}; what a sentry that is no longer itself can do: {@code LockedProcessTest}.
 */
class EscapeTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Attempts of escapes.c. */
  private static final int ATTEMPTS = 7 * 3 + 1 + 8 + 5 + 5 + 13 + 4;

  /** What the log must name, as the sandbox has a name for it. */
  private static final List<String> REFUSED =
      List.of(
          "device b 8:0",
          "device b 254:0",
          "device c 1:1",
          "device c 1:2",
          "device c 1:4",
          "device c 10:232",
          "device c 10:237",
          "init_module",
          "finit_module",
          "kexec_load",
          "iopl",
          "ioperm",
          "bpf",
          "perf_event_open",
          "open_by_handle_at",
          "swapon",
          "file system ext4",
          "file system debugfs",
          "file system securityfs",
          "file system cgroup",
          "sockets of family 40",
          "sockets of family 38");

  @TempDir private Path directory;

  @Test
  void nothingOfTheHostIsReached() throws Exception {
    Bundle bundle = Bundle.of(directory, "unused");
    Path secret = Files.writeString(directory.resolve("secret"), "of the host");
    Path shared = Files.createDirectory(directory.resolve("shared"));
    run("gcc", "-O1", "-static", "-o", bundle.files() + "/escapes", "src/test/programs/escapes.c");
    run("mknod", "-m", "666", bundle.files() + "/planted-mem", "c", "1", "1");
    bundle.change(
        c -> {
          bundle.args("/escapes", secret.toString());
          var all = Bundle.array(CapabilityName.ALL.toArray(String[]::new));
          for (String set : List.of("bounding", "effective", "permitted", "inheritable")) {
            bundle.process().getAsJsonObject("capabilities").add(set, all);
          }
          bundle.linux().add("maskedPaths", Bundle.array());
          bundle.linux().add("readonlyPaths", Bundle.array());
          c.getAsJsonArray("mounts")
              .add(
                  Bundle.json(
                      "{'destination': '/bind', 'type': 'bind', 'source': '"
                          + shared
                          + "', 'options': ['rbind', 'rw']}"));
          c.getAsJsonArray("mounts")
              .add(Bundle.json("{'destination': '/tmp', 'type': 'tmpfs', 'source': 'tmpfs'}"));
        });
    Path pattern = Path.of("/proc/sys/kernel/core_pattern");
    String before = Files.readString(pattern);
    Product.Outcome outcome;
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(shared.resolve("sock")));
      outcome = bundle.verb("run", "--keep", "escape");
      socket.configureBlocking(false);
      assertEquals(null, socket.accept(), "somebody has connected");
    }
    assertEquals(0, outcome.status(), outcome.errors());
    assertFalse(outcome.text().contains("REACHED"), outcome.text());
    assertTrue(outcome.text().endsWith("end\n"), outcome.text());
    assertEquals(ATTEMPTS, outcome.text().lines().count() - 1, outcome.text());
    assertEquals(before, Files.readString(pattern));
    assertEquals("of the host", Files.readString(secret));
    String log = Files.readString(bundle.root.resolve("escape").resolve("sentry.log"));
    for (String refused : REFUSED) {
      assertTrue(log.contains("Process 1 was refused: " + refused + "\n"), refused + "\n" + log);
    }
    assertEquals(0, bundle.verb("delete", "--force", "escape").status());
  }

  private static void run(String... command) throws InterruptedException {
    Product.Outcome outcome = Product.run(List.of(command), Path.of("").toAbsolutePath(), LIMIT);
    assertEquals(0, outcome.status(), outcome.errors());
  }
}
