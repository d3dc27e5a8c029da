package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** A bundle with busybox, and the runtime's verbs with a state root of its own. */
final class Bundle {
  private static final Path BUSYBOX = Path.of("/bin/busybox");
  private static final Duration LIMIT = Duration.ofSeconds(90);

  final Path directory;
  final Path root;
  final Path log;
  final JsonObject config;

  private Bundle(Path parent) throws IOException, InterruptedException {
    directory = Files.createDirectory(parent.resolve("bundle"));
    root = parent.resolve("state");
    log = parent.resolve("log.json");
    Product.Outcome spec = verb("spec", "--bundle", directory.toString());
    assertEquals(0, spec.status(), spec.errors());
    config =
        JsonParser.parseString(Files.readString(directory.resolve("config.json")))
            .getAsJsonObject();
    config.getAsJsonObject("root").addProperty("readonly", false);
    process().addProperty("terminal", false);
  }

  /** Its process is {@code sh -c script}. */
  static Bundle of(Path parent, String script) throws IOException, InterruptedException {
    Product.require();
    assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: not root");
    assumeTrue(Files.isExecutable(BUSYBOX), "SKIPPED: no " + BUSYBOX);
    Bundle bundle = new Bundle(parent);
    Path files = bundle.files();
    for (String d : List.of("bin", "etc", "tmp", "root", "proc", "dev", "sys")) {
      Files.createDirectories(files.resolve(d));
    }
    Files.copy(BUSYBOX, files.resolve("bin/busybox"));
    for (String applet :
        List.of(
            "sh",
            "cat",
            "echo",
            "sleep",
            "id",
            "ls",
            "mount",
            "kill",
            "touch",
            "hostname",
            "stty",
            "pwd",
            "grep",
            "true")) {
      Files.createSymbolicLink(files.resolve("bin").resolve(applet), Path.of("busybox"));
    }
    Files.writeString(files.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    bundle.change(c -> bundle.args("sh", "-c", script));
    return bundle;
  }

  Path files() {
    return directory.resolve("rootfs");
  }

  JsonObject process() {
    return config.getAsJsonObject("process");
  }

  JsonObject linux() {
    return config.getAsJsonObject("linux");
  }

  void args(String... args) {
    process().add("args", array(args));
  }

  static JsonArray array(String... strings) {
    JsonArray a = new JsonArray();
    Arrays.stream(strings).forEach(a::add);
    return a;
  }

  static JsonElement json(String text) {
    return JsonParser.parseString(text.replace('\'', '"'));
  }

  void change(Consumer<JsonObject> change) throws IOException {
    change.accept(config);
    Files.writeString(directory.resolve("config.json"), config.toString());
  }

  /** Gives the namespaces of {@code kinds} the paths of a process's. */
  void join(int pid, String... kinds) {
    for (JsonElement e : linux().getAsJsonArray("namespaces")) {
      String type = e.getAsJsonObject().get("type").getAsString();
      if (List.of(kinds).contains(type)) {
        String file = type.equals("network") ? "net" : type;
        e.getAsJsonObject().addProperty("path", "/proc/" + pid + "/ns/" + file);
      }
    }
  }

  /** Undoes {@link #join}. */
  void leave() {
    linux().getAsJsonArray("namespaces").forEach(e -> e.getAsJsonObject().remove("path"));
  }

  List<String> line(String... words) {
    List<String> line = new ArrayList<>();
    line.add(Product.TREE.resolve("loomvisor").toString());
    line.addAll(List.of("--root", root.toString(), "--log", log.toString()));
    line.addAll(List.of("--log-format", "json"));
    line.addAll(List.of(words));
    return line;
  }

  /** Runs a verb in the bundle's directory. */
  Product.Outcome verb(String... words) throws InterruptedException {
    Product.Outcome outcome = Product.run(line(words), directory, LIMIT);
    assertEquals(false, outcome.timedOut(), () -> String.join(" ", words) + " hangs");
    return outcome;
  }

  /** As {@link #verb}, which must succeed; what it printed. */
  String succeed(String... words) throws InterruptedException {
    Product.Outcome outcome = verb(words);
    assertEquals(0, outcome.status(), outcome.errors());
    return outcome.text();
  }

  /** As {@link #verb}, which must fail; the message in the log. */
  String fail(String... words) throws InterruptedException, IOException {
    Files.deleteIfExists(log);
    Product.Outcome outcome = verb(words);
    assertEquals(1, outcome.status(), outcome.text() + outcome.errors());
    List<String> lines = Files.readAllLines(log);
    JsonObject last = JsonParser.parseString(lines.getLast()).getAsJsonObject();
    assertEquals("error", last.get("level").getAsString());
    return last.get("msg").getAsString();
  }

  /**
   * Makes a container whose streams are files: a verb's caller must not wait for the end of pipes
   * that the container has.
   */
  void create(String id, String... more) throws IOException, InterruptedException {
    List<String> line = line("create");
    line.addAll(List.of(more));
    line.add(id);
    int status = start(line).waitFor();
    assertEquals(0, status, Files.readString(output()));
  }

  /** Starts a command with its output in {@link #output}. */
  Process start(List<String> line) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(output().toFile());
    builder.environment().put("LOOMVISOR_AS_BUILT", "1");
    return builder.start();
  }

  Path output() {
    return directory.resolve("output");
  }

  String status(String id) throws InterruptedException {
    return state(id).get("status").getAsString();
  }

  JsonObject state(String id) throws InterruptedException {
    return JsonParser.parseString(succeed("state", id)).getAsJsonObject();
  }
}
