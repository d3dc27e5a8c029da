package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code do --jfr} records, read as tools read it. */
class RecordingTest {
  /** The JVM starts without its archive of classes. */
  private static final Duration LIMIT = Duration.ofSeconds(240);

  private static final String SCRIPT =
      "trap 'echo usr1' USR1; kill -USR1 $$; sleep 0.3; ls /usr/bin >/dev/null; exit 7";

  @TempDir private Path directory;

  private List<RecordedEvent> record(String... first) throws IOException, InterruptedException {
    Product.require();
    Path file = directory.resolve("recording.jfr");
    List<String> line = new ArrayList<>(List.of(first));
    line.addAll(List.of("--", "/bin/sh", "-c", SCRIPT));
    Product.Outcome outcome =
        Product.run(Product.command(line.toArray(String[]::new)), Product.TREE, LIMIT);
    assertEquals(7, outcome.status(), outcome.errors());
    assertEquals("usr1\n", outcome.text());
    try (Stream<Path> left = Files.list(directory)) {
      assertEquals(List.of(file), left.toList(), "the recorder's own directory is gone");
    }
    return RecordingFile.readAllEvents(file);
  }

  private static Set<String> names(List<RecordedEvent> events) {
    return events.stream()
        .map(e -> e.getEventType().getName())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<RecordedEvent> of(List<RecordedEvent> events, String name) {
    return events.stream()
        .filter(e -> e.getEventType().getName().equals("io.loomvisor." + name))
        .toList();
  }

  @Test
  void aLockedSandboxRecordsWhatItDoes() throws Exception {
    List<RecordedEvent> events =
        record(
            "--jfr",
            directory.resolve("recording.jfr").toString(),
            "--jfr-set",
            "io.loomvisor.VcpuWait#threshold=0ns");
    Set<String> names = names(events);
    for (String wanted :
        List.of(
            "Syscall",
            "PageFault",
            "VcpuWait",
            "GoferRequest",
            "Signal",
            "Clone",
            "Exec",
            "Exit")) {
      assertTrue(names.contains("io.loomvisor." + wanted), wanted + " is not in " + names);
    }
    assertFalse(names.contains("jdk.ExecutionSample"), "the lock forbids it");
    List<RecordedEvent> slept =
        of(events, "Syscall").stream()
            .filter(e -> e.getString("name").equals("clock_nanosleep"))
            .toList();
    assertEquals(1, slept.size(), slept.toString());
    assertEquals("sleep", slept.getFirst().getString("command"));
    assertEquals(0, slept.getFirst().getLong("result"));
    Duration took = slept.getFirst().getDuration();
    assertTrue(took.toMillis() >= 300 && took.toMillis() < 30_000, took.toString());
    assertTrue(
        of(events, "Syscall").stream().allMatch(e -> e.getDuration().toNanos() >= 100_000),
        "shorter calls are left out");
    RecordedEvent signal =
        of(events, "Signal").stream()
            .filter(e -> e.getInt("signal") == 10)
            .findFirst()
            .orElseThrow();
    assertTrue(signal.getBoolean("handled"));
    assertEquals(signal.getInt("process"), signal.getInt("sender"), "the shell sent it itself");
    assertEquals(
        List.of("sleep", "ls"),
        of(events, "Exec").stream()
            .map(e -> e.getString("program"))
            .filter(p -> !p.endsWith("sh"))
            .toList());
    assertEquals(2, of(events, "Clone").size());
    assertEquals(3, of(events, "Exit").size());
    assertTrue(of(events, "Exit").stream().anyMatch(e -> e.getInt("status") == 7 << 8));
    assertTrue(of(events, "PageFault").stream().anyMatch(e -> e.getInt("pages") > 0));
    assertTrue(of(events, "GoferRequest").stream().anyMatch(e -> e.getString("kind") != null));
  }

  @Test
  void withoutLockTheJdksEventsAreThereToo() throws Exception {
    List<RecordedEvent> events =
        record(
            "--no-lock",
            "--jfr=" + directory.resolve("recording.jfr"),
            "--jfr-set",
            "io.loomvisor.Syscall#enabled=false",
            "--jfr-set",
            "jdk.JavaThreadStatistics#enabled=true");
    assertTrue(of(events, "GoferRequest").size() > 1);
    assertTrue(names(events).contains("jdk.JavaThreadStatistics"), names(events).toString());
    assertEquals(List.of(), of(events, "Syscall"));
  }

  @Test
  void whatCannotBeRecordedIsNamed() throws Exception {
    Product.require();
    String file = directory.resolve("r").toString();
    assertEquals(
        "--jfr: must come first, and only the launcher loomvisor has it.",
        refused("--debug", "--jfr", file));
    assertEquals(
        "--jfr-set: nothing is recorded without --jfr.", refused("--jfr-set", "a#enabled=true"));
    assertEquals(
        "--jfr-set: jdk.CPULoad#enabled: the recorder may need the host for it; add --no-lock.",
        refused("--jfr", file, "--jfr-set", "jdk.CPULoad#enabled=true"));
    assertEquals(
        "--jfr-set: 'enabled' is not EVENT#SETTING, as io.loomvisor.Syscall#threshold.",
        refused("--jfr", file, "--jfr-set", "enabled=true"));
    Product.Outcome outcome = start("--jfr", directory.resolve("no/such").toString());
    assertEquals(125, outcome.status());
    assertTrue(outcome.errors().contains("needs to write to the directory"), outcome.errors());
    outcome = start("--jfr", file, "--", "/no/such/program");
    assertEquals(127, outcome.status(), "the sentry lives: " + outcome.errors());
    Files.delete(Path.of(file));
    try (Stream<Path> left = Files.list(directory)) {
      assertEquals(List.of(), left.toList());
    }
  }

  private Product.Outcome start(String... options) throws InterruptedException {
    List<String> line = new ArrayList<>(List.of(options));
    if (!line.contains("--")) {
      line.addAll(List.of("--", "/bin/true"));
    }
    return Product.run(Product.command(line.toArray(String[]::new)), Product.TREE, LIMIT);
  }

  private String refused(String... options) throws InterruptedException {
    Product.Outcome outcome = start(options);
    assertEquals(2, outcome.status(), outcome.errors());
    return outcome.errors().lines().findFirst().orElseThrow().replaceFirst("^loomvisor: ", "");
  }
}
