package io.loomvisor.runtime.program;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verb {@code debug}: what it says of a container whose processes are known. */
class DebugTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String ID = "dbg";

  @TempDir private Path directory;
  private Bundle bundle;

  @AfterEach
  void nothingStays() throws Exception {
    if (bundle != null && Files.isDirectory(bundle.root)) {
      bundle.verb("delete", "--force", ID);
    }
  }

  /** A shell that waits for a sleep, and one that never waits. */
  private void start() throws Exception {
    bundle = Bundle.of(directory, "while :; do :; done & echo up; sleep 1000; true");
    bundle.create(ID);
    bundle.succeed("start", ID);
    await().atMost(LIMIT).until(() -> Files.readString(bundle.output()).contains("up"));
  }

  private JsonObject debug(String... options) throws Exception {
    String[] words = new String[options.length + 3];
    words[0] = "debug";
    words[1] = "--json";
    System.arraycopy(options, 0, words, 2, options.length);
    words[words.length - 1] = ID;
    return JsonParser.parseString(bundle.succeed(words)).getAsJsonObject();
  }

  private static List<JsonObject> objects(JsonElement array) {
    return StreamSupport.stream(((JsonArray) array).spliterator(), false)
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  private static JsonObject named(JsonElement array, String key, String value) {
    return objects(array).stream()
        .filter(o -> o.get(key).getAsString().equals(value))
        .findFirst()
        .orElseThrow(() -> new AssertionError(value + " is not in " + array));
  }

  private List<JsonObject> tasks() throws Exception {
    return objects(debug("--tasks").get("tasks"));
  }

  @Test
  void tasksAndStacksSayWhereTheyWait() throws Exception {
    start();
    await().atMost(LIMIT).until(() -> tasks().size() == 3);
    List<JsonObject> tasks = tasks();
    JsonObject shell = tasks.getFirst();
    assertEquals(1, shell.get("tid").getAsInt());
    assertEquals("S", shell.get("state").getAsString());
    assertEquals("wait4", shell.get("call").getAsString());
    assertEquals("WaitSyscalls.await", shell.get("waits").getAsString());
    JsonObject spins = tasks.get(1);
    assertEquals(1, spins.get("ppid").getAsInt());
    assertFalse(spins.has("call"), "it makes no calls");
    long before = spins.get("userNanos").getAsLong();
    await().atMost(LIMIT).until(() -> tasks().get(1).get("userNanos").getAsLong() > before);
    JsonObject sleep = tasks.get(2);
    assertEquals("sleep", sleep.get("command").getAsString());
    assertEquals("clock_nanosleep", sleep.get("call").getAsString());
    JsonElement stacks = debug("--stacks").get("stacks");
    String frames = named(stacks, "thread", "task-3").get("frames").toString();
    assertTrue(frames.contains("ClockCalls.sleepUntil"), frames);
    assertTrue(
        named(stacks, "thread", "timers").get("frames").toString().contains("HeapTimerService"));
    String text = bundle.succeed("debug", "--tasks", "--stacks", ID);
    assertTrue(text.contains("clock_nanosleep      ClockCalls.sleepUntil"), text);
    assertTrue(text.contains("task-1 (sh) S\n    "), text);
  }

  @Test
  void countersCountAndMountsAreShown() throws Exception {
    start();
    JsonObject before = debug("--counters");
    bundle.succeed(
        "exec", ID, "sh", "-c", "umask 7; for i in 1 2 3 4 5 6 7; do cat /dev/null; done");
    JsonObject after = debug("--counters");
    assertEquals(7, count(after, "calls", "execve") - count(before, "calls", "execve"), "the cats");
    assertEquals(
        8, after.getAsJsonObject("counters").get("endedTasks").getAsInt(), "the shell and 7 cats");
    long faults = before.getAsJsonObject("counters").get("pageFaults").getAsLong();
    assertTrue(after.getAsJsonObject("counters").get("pageFaults").getAsLong() > faults);
    assertTrue(after.getAsJsonObject("counters").get("vcpuLeases").getAsLong() > 0);
    assertTrue(count(after, "goferRequests", "Walk") > 0);
    assertTrue(named(after.get("calls"), "name", "execve").get("nanos").getAsLong() > 0);
    assertTrue(bundle.succeed("debug", "--counters", ID).contains("GOFER REQUEST"));
    List<JsonObject> mounts = objects(debug("--mounts").get("mounts"));
    String inside = bundle.succeed("exec", ID, "cat", "/proc/self/mountinfo");
    List<String> lines = mounts.stream().map(m -> m.get("line").getAsString()).toList();
    assertEquals(inside.lines().toList(), lines);
  }

  private static long count(JsonObject answer, String part, String name) {
    return named(answer.get(part), "name", name).get("count").getAsLong();
  }

  @Test
  void theTraceIsSwitchedOnAndOff() throws Exception {
    bundle = Bundle.of(directory, "echo up; while :; do id >/dev/null; sleep 0.05; done");
    bundle.create(ID);
    bundle.succeed("start", ID);
    await().atMost(LIMIT).until(() -> Files.readString(bundle.output()).contains("up"));
    Path log = bundle.root.resolve(ID).resolve("sentry.log");
    assertFalse(Files.readString(log).contains("clock_nanosleep("));
    String said = bundle.succeed("debug", "--strace=on", "--log-level", "error", ID);
    assertTrue(said.startsWith("strace is on for calls that begin from now on\n"), said);
    assertTrue(said.endsWith("log: " + log + "\n"), said);
    // getuid(2) too, which the guest answers by itself otherwise.
    await().atMost(LIMIT).until(() -> Files.readString(log).contains("getuid() = 0"));
    await().atMost(LIMIT).until(() -> Files.readString(log).contains("clock_nanosleep("));
    assertEquals("off", debug("--strace=off").get("strace").getAsString());
    long size = Files.size(log);
    bundle.succeed("exec", ID, "id");
    assertEquals(0, lines(log, size, "getuid("), "nothing more after it is off");
    bundle.succeed("debug", "--log-level=debug", ID);
    bundle.succeed("exec", ID, "ls", "/etc");
    await().atMost(LIMIT).until(() -> lines(log, size, "DEBUG") > 0);
  }

  private static long lines(Path log, long from, String with) throws Exception {
    return Files.readString(log)
        .substring((int) from)
        .lines()
        .filter(l -> l.contains(with))
        .count();
  }

  @Test
  void whatCannotBeAnsweredIsNamed() throws Exception {
    start();
    assertTrue(bundle.succeed("debug", "--help").startsWith("Usage: loomvisor"));
    assertEquals("container does not exist", bundle.fail("debug", "--tasks", "other"));
    assertTrue(bundle.fail("debug", ID).startsWith("nothing is asked for: give one of --tasks"));
    assertEquals(
        "--strace: 'yes' is neither on nor off", bundle.fail("debug", "--strace", "yes", ID));
    assertEquals(
        "--log-level: 'loud' is none of error, warn, info, debug, trace",
        bundle.fail("debug", "--log-level", "loud", ID));
    assertEquals(
        "\"debug\" takes one container: options come before it, not --tasks",
        bundle.fail("debug", "--counters", ID, "--tasks"));
    bundle.succeed("pause", ID);
    assertEquals(
        "container is paused, and so is its sentry: resume it first",
        bundle.fail("debug", "--tasks", ID));
    bundle.succeed("resume", ID);
    bundle.succeed("kill", ID, "9");
    await().atMost(LIMIT).until(() -> bundle.status(ID).equals("stopped"));
    assertEquals(
        "the container has stopped: its sentry is gone; what it logged is in "
            + bundle.root.resolve(ID).resolve("sentry.log"),
        bundle.fail("debug", "--tasks", ID));
  }
}
