package io.loomvisor.runtime.program;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs that the launcher does itself (src/main/sh/verbs), beside those of the JVM. */
class ShortVerbsTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Path VERBS = Path.of("src/main/sh/verbs").toAbsolutePath();

  @TempDir private Path directory;
  private Bundle bundle;

  @AfterEach
  void nothingStays() throws Exception {
    if (bundle != null) {
      bundle.verb("delete", "--force", "short");
    }
  }

  /** The status of a verb that has no JVM to fall back on: 0 if it was done, else 1. */
  private int alone(String... words) throws InterruptedException {
    List<String> line = new ArrayList<>();
    String script = "set -euo pipefail; . \"$0\"; short_verb \"$@\"";
    line.addAll(List.of("bash", "-c", script, VERBS.toString(), "--root", bundle.root.toString()));
    line.addAll(List.of(words));
    return Product.run(line, directory, LIMIT).status();
  }

  /** What {@code state} prints, which must be the same from the launcher and from the JVM. */
  private String state() throws InterruptedException {
    String text = bundle.succeed("state", "short");
    List<String> line = new ArrayList<>(bundle.line("state", "short"));
    line.add(1, "--debug"); // a form that the launcher leaves to the JVM
    assertEquals(Product.run(line, directory, LIMIT).text(), text);
    assertEquals(0, alone("state", "short"));
    return bundle.status("short");
  }

  @Test
  void aContainersLifeWithoutAnotherJvm() throws Exception {
    bundle = Bundle.of(directory, "trap 'echo usr1' USR1; echo begun; while :; do sleep 0.1; done");
    bundle.change(
        c -> c.add("annotations", Bundle.json("{'a.b/c': 'x, {y}', 'd': '\\\\q\\\"\\n\u00e4'}")));
    bundle.create("short");
    assertEquals("created", state());
    assertEquals(1, alone("delete", "short"), "one that has not ended is the JVM's");
    assertEquals(0, alone("start", "short"));
    assertEquals("running", state());
    await().atMost(LIMIT).until(() -> output().contains("begun"));
    assertEquals(1, alone("start", "short"));
    assertEquals(0, alone("kill", "short", "SIGUSR1"));
    await().atMost(LIMIT).until(() -> output().contains("usr1"));
    bundle.succeed("pause", "short");
    assertEquals("paused", state());
    assertEquals(1, alone("kill", "short", "15"));
    bundle.succeed("resume", "short");
    assertEquals(0, alone("kill", "--all", "short", "9"));
    await().atMost(LIMIT).until(() -> bundle.status("short").equals("stopped"));
    assertEquals("stopped", state());
    assertEquals(1, alone("kill", "short", "9"));
    await().atMost(LIMIT).until(() -> alone("delete", "short") == 0);
    assertEquals(1, alone("state", "short"));
    assertEquals(0, alone("delete", "--force", "short"));
  }

  /** A verb that has died has left a request, or its answer, in the pipes. */
  @Test
  void whatDeadVerbsHaveLeftIsNotTakenForAnAnswer() throws Exception {
    bundle =
        Bundle.of(
            directory,
            "trap 'echo usr1' USR1; trap 'echo usr2' USR2; echo up; while :; do sleep 0.1; done");
    bundle.create("short");
    Path container = bundle.root.resolve("short");
    Files.writeString(container.resolve("requests"), "nonsense\ndead kill 99 no\nd");
    Files.writeString(
        container.resolve("requests"), "x".repeat(3000) + "\ndead kill 0 what ever\n");
    Files.writeString(container.resolve("answers"), "dead ok\ndead ok\n".repeat(300));
    assertEquals(0, alone("start", "short"));
    await().atMost(LIMIT).until(() -> output().contains("up"));
    assertEquals("up\n", output(), "no signal of a dead verb's has come");
    Files.writeString(container.resolve("requests"), "dead kill 10 no\n");
    await().atMost(LIMIT).until(() -> output().contains("usr1"));
    assertEquals(0, alone("kill", "short", "12"));
    await().atMost(LIMIT).until(() -> output().contains("usr2"));
    assertNotEquals("stopped", bundle.status("short"));
  }

  @Test
  void whatTheLauncherCannotDoIsTheJvms() throws Exception {
    bundle = Bundle.of(directory, "unused");
    Path program = Files.writeString(bundle.files().resolve("bin/bad"), "\u007fELF nonsense");
    program.toFile().setExecutable(true);
    bundle.change(c -> bundle.args("/bin/bad"));
    bundle.create("short");
    assertEquals(1, alone("start", "short"));
    assertEquals("exec /bin/bad: exec format error", bundle.fail("start", "short"));
    assertEquals("created", bundle.status("short"));
    assertEquals("container does not exist", bundle.fail("start", "none"));
    assertEquals(1, alone("delete", "none"));
    assertEquals(1, alone("state", "../short"));
    assertEquals(1, alone("list"));
    assertEquals(1, alone("kill", "short", "NOSUCH"));
    bundle.succeed("kill", "short", "KILL");
    await().atMost(LIMIT).until(() -> bundle.status("short").equals("stopped"));
    assertEquals(1, alone("start", "short"));
  }

  /** The sentry that there is was started by the launcher, not by a verb's JVM. */
  private void assertMadeByTheLauncher() throws Exception {
    int pid = bundle.state("short").get("pid").getAsInt();
    String line = Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ');
    assertTrue(line.contains(" boot alone "), line);
    assertEquals(pid, Integer.parseInt(Files.readString(directory.resolve("pid"))));
  }

  @Test
  void createRunsTheHooksWithTheirWords() throws Exception {
    bundle = Bundle.of(directory, "true");
    Path script = directory.resolve("hook");
    Path trace = directory.resolve("trace");
    Files.writeString(
        script,
        "#!/bin/sh\nexec >>"
            + trace
            + "\n[ -s /proc/self/fd/0 ] && sed 's/.*\"status\":\"\\([a-z]*\\)\".*/\\1/'\n"
            + "printf '\\n%s\\n' \"$#: $*\"; env | grep -c HOME\ntrue\n");
    assertTrue(script.toFile().setExecutable(true));
    JsonArray words =
        Bundle.array("name", "it's", "a\\b $HOME `id` \"", "two\nlines", "", "\u00e4");
    JsonObject hook = new JsonObject();
    hook.addProperty("path", script.toString());
    hook.add("args", words);
    JsonArray all = new JsonArray();
    all.add(hook);
    JsonObject hooks = new JsonObject();
    hooks.add("prestart", all);
    bundle.change(c -> c.add("hooks", hooks));
    bundle.create("short", "--pid-file", directory.resolve("pid").toString());
    assertMadeByTheLauncher();
    assertEquals(
        "creating\n5: it's a\\b $HOME `id` \" two\nlines  \u00e4\n0\n", Files.readString(trace));
    bundle.succeed("delete", "short");

    hooks.add("createRuntime", Bundle.json("[{'path': '/bin/true'}, {'path': '/bin/false'}]"));
    bundle.change(c -> c.add("hooks", hooks));
    assertEquals(
        "error running createRuntime hook #1: exit status 1", bundle.fail("create", "short"));
    assertEquals("container does not exist", bundle.fail("state", "short"));
  }

  @Test
  void createThatFailsLeavesNothing() throws Exception {
    bundle = Bundle.of(directory, "true");
    bundle.create("short", "--pid-file", directory.resolve("pid").toString());
    assertMadeByTheLauncher();
    assertEquals("container with given ID already exists", bundle.fail("create", "short"));
    bundle.succeed("delete", "short");
    bundle.change(c -> bundle.args("no-such"));
    assertEquals(
        "unable to start container process: exec: \"no-such\": executable file not found in $PATH",
        bundle.fail("create", "short"));
    bundle.change(
        c -> c.getAsJsonObject("linux").add("resources", Bundle.json("{'cpu': {'cpus': '999'}}")));
    assertTrue(bundle.fail("create", "short").startsWith("writing \"999\" to "));
    bundle.change(c -> c.getAsJsonObject("linux").remove("resources"));
    bundle.change(c -> c.addProperty("ociVersion", "7"));
    assertEquals("ociVersion: 7: not supported", bundle.fail("create", "short"));
    assertEquals("container does not exist", bundle.fail("state", "short"));
    try (Stream<Path> left = Files.list(bundle.root)) {
      assertEquals(List.of(), left.toList());
    }
  }

  private String output() throws IOException {
    return Files.readString(bundle.output());
  }

  /** The sentry waits for its creator's word, and would hold the container's lock for ever. */
  @Test
  void aCreatorThatDiesAmongTheHooksLeavesNoSentry() throws Exception {
    bundle = Bundle.of(directory, "echo begun");
    Path killed = directory.resolve("killed");
    Path hook = directory.resolve("hook");
    // Until the sentry has nothing left to do but to wait for it.
    Files.writeString(hook, "#!/bin/sh\nsleep 1\necho $PPID >" + killed + "\nkill -9 $PPID\n");
    assertTrue(hook.toFile().setExecutable(true));
    bundle.change(
        c -> c.add("hooks", Bundle.json("{'createRuntime': [{'path': '" + hook + "'}]}")));
    assertNotEquals(0, bundle.verb("create", "short").status());
    assertTrue(Files.exists(killed));
    Product.Outcome deletion = bundle.verb("delete", "--force", "short");
    assertEquals(0, deletion.status(), deletion.errors());
    await()
        .atMost(LIMIT)
        .until(() -> ProcessHandle.allProcesses().noneMatch(this::ofThisContainer));
  }

  private boolean ofThisContainer(ProcessHandle process) {
    try {
      Path file = Path.of("/proc/" + process.pid() + "/cmdline");
      return Files.readString(file, StandardCharsets.ISO_8859_1).contains(directory.toString());
    } catch (IOException e) {
      return false; // it has ended
    }
  }
}
