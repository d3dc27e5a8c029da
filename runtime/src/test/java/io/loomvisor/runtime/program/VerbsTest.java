package io.loomvisor.runtime.program;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.loomvisor.runtime.host.HostProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs of container engines, without an engine. */
class VerbsTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private Bundle bundle;

  @AfterEach
  void nothingStays() throws Exception {
    if (bundle == null || !Files.isDirectory(bundle.root)) {
      return;
    }
    try (Stream<Path> left = Files.list(bundle.root)) {
      for (Path container : left.toList()) {
        bundle.verb("delete", "--force", container.getFileName().toString());
      }
    }
    try (Stream<Path> left = Files.list(bundle.root)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void aContainersLife() throws Exception {
    bundle = Bundle.of(directory, "echo begun; sleep 1000");
    Path pidFile = directory.resolve("pid");
    bundle.create("life", "--pid-file", pidFile.toString());
    JsonObject state = bundle.state("life");
    assertEquals("created", state.get("status").getAsString());
    assertEquals("1.2.0", state.get("ociVersion").getAsString());
    assertEquals(bundle.directory.toString(), state.get("bundle").getAsString());
    int pid = Integer.parseInt(Files.readString(pidFile));
    assertEquals(pid, state.get("pid").getAsInt());
    assertEquals("", Files.readString(bundle.output()), "nothing runs before start");
    assertLocked(pid);
    assertEquals("cannot delete container life that is not stopped: running", startThenDelete());
    await().atMost(LIMIT).until(() -> Files.readString(bundle.output()).equals("begun\n"));
    assertEquals("[" + pid + "]", bundle.succeed("ps", "--format", "json", "life").strip());
    assertTrue(bundle.succeed("list").contains("life"));
    assertEquals("life\n", bundle.succeed("list", "-q"));
    bundle.succeed("kill", "life", "9");
    await().atMost(LIMIT).until(() -> bundle.status("life").equals("stopped"));
    assertEquals("container not running", bundle.fail("kill", "life", "TERM"));
    bundle.succeed("kill", "--all", "life", "9");
    bundle.succeed("delete", "life");
    assertEquals("container does not exist", bundle.fail("state", "life"));
    assertEquals("container does not exist", bundle.fail("delete", "life"));
    bundle.succeed("delete", "--force", "life");
  }

  private String startThenDelete() throws Exception {
    bundle.succeed("start", "life");
    assertEquals("running", bundle.status("life"));
    assertEquals("cannot start an already running container", bundle.fail("start", "life"));
    return bundle.fail("delete", "life");
  }

  private static void assertLocked(int pid) throws IOException {
    Map<String, String> status =
        Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
            .map(l -> l.split(":", 2))
            .collect(Collectors.toMap(l -> l[0], l -> l[1].strip().replace('\t', ' ')));
    assertEquals("65534 65534 65534 65534", status.get("Uid"));
    assertEquals("0000000000000000", status.get("CapEff"));
    assertEquals("2", status.get("Seccomp"));
    assertEquals("1", status.get("NoNewPrivs"));
    assertTrue(status.get("NSpid").endsWith(" 1"), "in a pid namespace: " + status.get("NSpid"));
    assertEquals(1, Files.readAllLines(Path.of("/proc/" + pid + "/mountinfo")).size());
  }

  @Test
  void runGivesTheStatusAndLeavesNothing() throws Exception {
    bundle = Bundle.of(directory, "echo out; echo err >&2; echo $$ $HOME; exit 7");
    Product.Outcome outcome = bundle.verb("run", "once");
    assertEquals("out\n1 /root\n", outcome.text());
    assertEquals("err\n", outcome.errors());
    assertEquals(7, outcome.status());
    assertEquals("container does not exist", bundle.fail("state", "once"));
  }

  @Test
  void signalsReachTheProcessAndAnInitIsShielded() throws Exception {
    bundle =
        Bundle.of(
            directory,
            "trap 'echo usr1' USR1; trap 'exit 9' TERM; echo up; while :; do sleep 0.1; done");
    Process run = bundle.start(bundle.line("run", "sig"));
    await().atMost(LIMIT).until(() -> Files.readString(bundle.output()).contains("up"));
    bundle.succeed("kill", "sig", "SIGUSR1");
    await().atMost(LIMIT).until(() -> Files.readString(bundle.output()).contains("usr1"));
    bundle.succeed("kill", "sig", "USR2"); // no handler: nothing, for pid 1
    assertEquals("still\n", bundle.succeed("exec", "sig", "sh", "-c", "kill -9 1; echo still"));
    assertEquals("unknown signal \"NOSUCH\"", bundle.fail("kill", "sig", "NOSUCH"));
    run.destroy(); // SIGTERM to the verb goes on to the process
    assertTrue(run.waitFor(60, java.util.concurrent.TimeUnit.SECONDS));
    assertEquals(9, run.exitValue());
  }

  @Test
  void execStartsFurtherProcesses() throws Exception {
    bundle = Bundle.of(directory, "sleep 1000");
    bundle.create("ex");
    assertEquals("cannot exec in a created container", bundle.fail("exec", "ex", "true"));
    bundle.succeed("start", "ex");
    Product.Outcome outcome =
        bundle.verb(
            "exec",
            "--env",
            "X=y z",
            "--cwd",
            "/tmp",
            "--user",
            "12:34",
            "ex",
            "sh",
            "-c",
            "echo $X; pwd; id; exit 5");
    assertEquals("y z\n/tmp\nuid=12 gid=34\n", outcome.text());
    assertEquals(5, outcome.status());
    String missing = bundle.fail("exec", "ex", "no-such");
    assertEquals(
        "unable to start container process: exec: \"no-such\": executable file not found in $PATH",
        missing);
    detached();
    bundle.succeed("pause", "ex");
    assertEquals("paused", bundle.status("ex"));
    assertEquals("cannot exec in a paused container", bundle.fail("exec", "ex", "true"));
    bundle.succeed("resume", "ex");
    assertEquals("again\n", bundle.succeed("exec", "ex", "echo", "again"));
    assertEquals("container not paused", bundle.fail("resume", "ex"));
  }

  /** The process that stands for it on the host ends with it, and its end is its own. */
  private void detached() throws Exception {
    JsonObject process = bundle.process().deepCopy();
    process.add("args", Bundle.array("sh", "-c", "echo detached; sleep 1000"));
    Path json = Files.writeString(directory.resolve("process.json"), process.toString());
    Path pid = directory.resolve("exec-pid");
    List<String> line =
        bundle.line(
            "exec", "--process", json.toString(), "--detach", "--pid-file", pid.toString(), "ex");
    assertEquals(0, bundle.start(line).waitFor());
    await().atMost(LIMIT).until(() -> Files.readString(bundle.output()).equals("detached\n"));
    ProcessHandle stand = ProcessHandle.of(Long.parseLong(Files.readString(pid))).orElseThrow();
    long count = pids();
    stand.destroyForcibly();
    await().atMost(LIMIT).until(() -> pids() < count);
  }

  private long pids() throws InterruptedException {
    return bundle.succeed("ps", "ex").lines().count();
  }

  @Test
  void terminalsGoThroughTheConsoleSocket() throws Exception {
    bundle = Bundle.of(directory, "unused");
    bundle.change(
        c -> {
          bundle.process().addProperty("terminal", true);
          bundle.args("sh");
        });
    Path program = directory.resolve("console");
    Product.Outcome gcc =
        Product.run(
            List.of("gcc", "-o", program.toString(), "src/test/programs/console_socket.c"),
            Path.of("").toAbsolutePath(),
            LIMIT);
    assertEquals(0, gcc.status(), gcc.errors());
    Path socket = directory.resolve("console.sock");
    Process console =
        Product.start(
            List.of(
                program.toString(),
                socket.toString(),
                "stty size",
                "tty=$(stty); sleep 1000 &",
                "jobs",
                "exit 3"),
            directory);
    assertEquals("listening", Product.line(console));
    assertTrue(bundle.fail("create", "tty").startsWith("cannot allocate tty"));
    bundle.create("tty", "--console-socket", socket.toString());
    bundle.succeed("start", "tty");
    Product.Outcome outcome = Product.await(console, LIMIT);
    assertFalse(outcome.timedOut());
    assertTrue(outcome.text().contains("isatty 1\n"), outcome.text());
    assertTrue(outcome.text().contains("33 77\r\n"), outcome.text());
    assertTrue(outcome.text().contains("Running"), "job control: " + outcome.text());
    await().atMost(LIMIT).until(() -> bundle.status("tty").equals("stopped"));
  }

  @Test
  void hooksRunInOrderWithTheState() throws Exception {
    bundle = Bundle.of(directory, "echo container >> /trace; exit 0");
    Path trace = bundle.files().resolve("trace");
    Path script = directory.resolve("hook");
    Files.writeString(
        script,
        "#!/bin/sh\nstatus=$(sed 's/.*\"status\":\"\\([a-z]*\\)\".*/\\1/')\necho $1 $status >> "
            + trace
            + "\n");
    assertTrue(script.toFile().setExecutable(true));
    JsonObject hooks = new JsonObject();
    for (String kind :
        List.of("prestart", "createRuntime", "createContainer", "poststart", "poststop")) {
      hooks.add(
          kind, Bundle.json("[{'path': '" + script + "', 'args': ['hook', '" + kind + "']}]"));
    }
    bundle.change(c -> c.add("hooks", hooks));
    assertEquals(0, bundle.verb("run", "hooked").status());
    List<String> lines = new ArrayList<>(Files.readAllLines(trace));
    assertEquals(
        List.of("prestart creating", "createRuntime creating", "createContainer creating"),
        lines.subList(0, 3));
    assertEquals("poststop stopped", lines.getLast());
    assertTrue(lines.contains("container"));
    assertTrue(lines.stream().anyMatch(l -> l.startsWith("poststart ")));

    hooks.add("createRuntime", Bundle.json("[{'path': '/bin/false'}]"));
    bundle.change(c -> c.add("hooks", hooks));
    assertEquals(
        "error running createRuntime hook #0: exit status 1", bundle.fail("create", "failing"));
    assertEquals("container does not exist", bundle.fail("state", "failing"));

    hooks.add(
        "createRuntime",
        Bundle.json("[{'path': '/bin/sleep', 'args': ['sleep', '1000'], 'timeout': 1}]"));
    bundle.change(c -> c.add("hooks", hooks));
    assertTrue(bundle.fail("create", "slow").contains("ran longer than its timeout"));
  }

  @Test
  void whatCannotBeDoneIsNamed() throws Exception {
    bundle = Bundle.of(directory, "true");
    String good = Files.readString(bundle.directory.resolve("config.json"));
    refused("linux.personality: not supported", "linux", "{'personality': {'domain': 'LINUX32'}}");
    refused(
        "linux.namespaces[0].type: user: not supported: user namespaces"
            + " (the engine's userns-remap; --userns=host is without)",
        "linux",
        "{'namespaces': [{'type': 'user'}]}");
    refused(
        "mounts[0].type: xfs: not supported",
        "mounts",
        "[{'destination': '/x', 'type': 'xfs', 'source': 'y'}]");
    refused("process.args: must not be empty", "process", "{'cwd': '/', 'args': []}");
    refused("hooks.startContainer: not supported", "hooks", "{'startContainer': [{'path': '/x'}]}");
    refused(
        "unable to start container process: exec: \"/none\": stat /none: no such file or directory",
        "process",
        "{'cwd': '/', 'args': ['/none']}");
    Files.writeString(bundle.directory.resolve("config.json"), "{ nonsense");
    assertTrue(bundle.fail("create", "bad").startsWith("not well-formed JSON"));
    Files.delete(bundle.directory.resolve("config.json"));
    assertEquals("JSON specification file config.json not found", bundle.fail("create", "bad"));
    Files.writeString(bundle.directory.resolve("config.json"), good);
    assertEquals("invalid container ID format: ../x", bundle.fail("create", "../x"));
    assertEquals("flag provided but not defined: -nonsense", bundle.fail("create", "--nonsense"));
  }

  private void refused(String message, String property, String value) throws Exception {
    Path file = bundle.directory.resolve("config.json");
    String good = Files.readString(file);
    JsonObject bad = JsonParser.parseString(good).getAsJsonObject();
    bad.add(property, Bundle.json(value));
    Files.writeString(file, bad.toString());
    assertEquals(message, bundle.fail("create", "bad"));
    Files.writeString(file, good);
  }

  @Test
  void theProcessIsAsConfigured() throws Exception {
    bundle =
        Bundle.of(
            directory,
            "id; hostname; pwd; ulimit -n; umask; grep -E 'CapEff|NoNewPrivs' /proc/self/status;"
                + " touch /x 2>&1; touch /tmp/x && echo tmp; cat /proc/kcore; ls /sys/firmware;"
                + " echo 1 > /proc/sys/kernel/hostname");
    bundle.change(
        c -> {
          c.getAsJsonObject("root").addProperty("readonly", true);
          c.addProperty("hostname", "host7");
          bundle
              .process()
              .add(
                  "user",
                  Bundle.json("{'uid': 5, 'gid': 6, 'umask': 23, 'additionalGids': [7, 8]}"));
          bundle.process().add("capabilities", Bundle.json("{}"));
          bundle.process().addProperty("cwd", "/tmp/made");
          bundle
              .process()
              .add("rlimits", Bundle.json("[{'type': 'RLIMIT_NOFILE', 'soft': 77, 'hard': 78}]"));
          c.getAsJsonArray("mounts")
              .add(
                  Bundle.json(
                      "{'destination': '/tmp', 'type': 'tmpfs', 'source': 'tmpfs', 'options': ['mode=1777']}"));
        });
    Product.Outcome outcome = bundle.verb("run", "conf");
    assertEquals(
        """
        uid=5 gid=6 groups=7,8
        host7
        /tmp/made
        77
        0027
        CapEff:\t0000000000000000
        NoNewPrivs:\t1
        touch: /x: Read-only file system
        tmp
        """,
        outcome.text());
    assertTrue(outcome.errors().contains("Read-only file system"), outcome.errors());
  }

  @Test
  void bindMountsOfDirectoriesAndFiles() throws Exception {
    bundle =
        Bundle.of(
            directory,
            "cat /etc/one /data/two; echo more > /data/three; echo changed > /etc/one;"
                + " echo x > /ro/four; cat /link/two");
    Path shared = Files.createDirectory(directory.resolve("shared"));
    Files.writeString(shared.resolve("two"), "two\n");
    Path one = Files.writeString(directory.resolve("one"), "one\n");
    // A symbolic link in the image leads to a place of the sandbox, never of the host.
    Files.createSymbolicLink(bundle.files().resolve("link"), shared);
    bundle.change(
        c -> {
          var mounts = c.getAsJsonArray("mounts");
          mounts.add(bind(shared, "/data", "rw"));
          mounts.add(bind(one, "/etc/one", "rw"));
          mounts.add(bind(shared, "/ro", "ro"));
        });
    Product.Outcome outcome = bundle.verb("run", "bound");
    assertEquals("one\ntwo\n", outcome.text());
    assertEquals("more\n", Files.readString(shared.resolve("three")));
    assertEquals("changed\n", Files.readString(one));
    assertFalse(Files.exists(shared.resolve("four")));
    assertTrue(outcome.errors().contains("/ro/four: Read-only file system"), outcome.errors());
    assertTrue(outcome.errors().contains("/link/two"), outcome.errors());
  }

  private static com.google.gson.JsonElement bind(Path source, String place, String mode) {
    return Bundle.json(
        "{'destination': '"
            + place
            + "', 'type': 'bind', 'source': '"
            + source
            + "', 'options': ['rbind', '"
            + mode
            + "']}");
  }

  @Test
  void verbsThatMeetDoNotHarmOneAnother() throws Exception {
    bundle = Bundle.of(directory, "sleep 1000");
    List<Process> creators = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      creators.add(bundle.start(bundle.line("create", "same")));
    }
    int made = 0;
    for (Process p : creators) {
      made += p.waitFor() == 0 ? 1 : 0;
    }
    assertEquals(1, made, "exactly one makes it");
    assertEquals("created", bundle.status("same"));
    int pid = bundle.state("same").get("pid").getAsInt();
    List<Process> deleters = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      deleters.add(bundle.start(bundle.line("delete", "--force", "same")));
    }
    for (Process p : deleters) {
      assertEquals(0, p.waitFor());
    }
    assertEquals(0, HostProcess.startTime(pid), "the sentry has ended");
  }

  @Test
  void whatAVerbThatDiedHasLeftCanBeDeleted() throws Exception {
    bundle = Bundle.of(directory, "sleep 1000");
    bundle.create("torn");
    int pid = bundle.state("torn").get("pid").getAsInt();
    Files.delete(bundle.root.resolve("torn/config.json"));
    bundle.succeed("delete", "--force", "torn");
    assertEquals(0, HostProcess.startTime(pid), "the sentry has ended");
    Files.createDirectories(bundle.root.resolve("empty"));
    bundle.succeed("delete", "--force", "empty");
  }

  @Test
  void versionFeaturesAndStatistics() throws Exception {
    bundle = Bundle.of(directory, "sleep 1000");
    assertTrue(bundle.succeed("--version").startsWith("loomvisor version "));
    JsonObject features = JsonParser.parseString(bundle.succeed("features")).getAsJsonObject();
    assertEquals("1.2.0", features.get("ociVersionMax").getAsString());
    bundle.create("stats");
    JsonObject event =
        JsonParser.parseString(bundle.succeed("events", "--stats", "stats")).getAsJsonObject();
    assertEquals("stats", event.get("type").getAsString());
  }

  @Test
  void containersOfAPodAreInOneSandbox() throws Exception {
    bundle = Bundle.of(directory, "busybox nc -ll -p 5000 -e echo over the loopback");
    bundle.change(
        c -> {
          c.add("annotations", Bundle.json("{'io.kubernetes.cri.container-type': 'sandbox'}"));
          c.addProperty("hostname", "pod");
        });
    bundle.create("pod");
    bundle.succeed("start", "pod");
    int sentry = bundle.state("pod").get("pid").getAsInt();
    bundle.change(
        c -> {
          c.remove("annotations");
          c.remove("hostname");
          bundle.join(sentry, "network", "uts", "ipc");
          bundle.args(
              "sh", "-c", "until busybox nc 127.0.0.1 5000; do :; done; hostname; echo $$; exit 3");
        });
    for (int restarted = 0; restarted < 3; restarted++) {
      Product.Outcome outcome = bundle.verb("run", "member");
      assertEquals("over the loopback\npod\n1\n", outcome.text());
      assertEquals(3, outcome.status(), outcome.errors());
    }
    aMembersLife(sentry);
    bundle.create("member");
    bundle.succeed("start", "member");
    bundle.succeed("kill", "pod", "9");
    await().atMost(LIMIT).until(() -> bundle.status("member").equals("stopped"));
    bundle.succeed("delete", "member");
    // The sentry ends after the last word to its members.
    await().atMost(LIMIT).until(() -> bundle.status("pod").equals("stopped"));
    bundle.succeed("delete", "pod");
  }

  private void aMembersLife(int sentry) throws Exception {
    bundle.change(c -> bundle.args("sh", "-c", "trap 'exit 4' TERM; while :; do sleep 0.1; done"));
    bundle.create("member");
    int stand = bundle.state("member").get("pid").getAsInt();
    assertEquals(namespace(sentry, "net"), namespace(stand, "net"));
    bundle.succeed("start", "member");
    assertEquals("pod\n", bundle.succeed("exec", "member", "hostname"));
    String message = bundle.fail("pause", "member");
    assertTrue(message.contains("in the sandbox of pod"), message);
    bundle.succeed("kill", "member", "TERM");
    await().atMost(LIMIT).until(() -> bundle.status("member").equals("stopped"));
    bundle.succeed("delete", "member");
    assertEquals("running", bundle.status("pod"));
    // One that is killed on the host, and one that is never started.
    bundle.create("member");
    bundle.succeed("start", "member");
    bundle.succeed("delete", "--force", "member");
    bundle.create("member");
    bundle.succeed("kill", "member", "TERM");
    await().atMost(LIMIT).until(() -> bundle.status("member").equals("stopped"));
    bundle.succeed("delete", "member");
  }

  private static String namespace(int pid, String kind) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/" + kind)).toString();
  }
}
