package io.loomvisor.runtime.oci.verb;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.loomvisor.runtime.oci.control.ControlClient;
import io.loomvisor.runtime.oci.state.ContainerState;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code debug}: what goes on in the sentry of a container, and what it logs. */
final class Debugging {
  private static final String HELP =
      """
      Usage: loomvisor [--root DIR] debug [OPTION...] CONTAINER
      Looks into the sentry of a container that is created or running.

        --tasks          tasks: state, the system call they are in, where in the sentry they wait
        --stacks         stacks of all tasks and of the sentry's own threads
        --mounts         mounts, as in /proc/PID/mountinfo, of each mount namespace
        --counters       system calls and gofer requests by name with count and time, faults, leases
        --strace=on|off  prints system calls that begin from now on to the sandbox's log, or no more
        --log-level=L    error, warn, info, debug or trace: what the sandbox's log has from now on
        --json           the answers as one JSON object
        --help           this text

      The log is sentry.log below the container's directory in DIR (/run/loomvisor).
      """;

  /** What can be asked for, and the name of one of it. */
  private static final Map<String, List<String>> PARTS =
      new TreeMap<>(
          Map.of(
              "tasks", List.of("task"),
              "stacks", List.of("stack"),
              "mounts", List.of("mount"),
              "counters", List.of("call", "goferRequest", "counters")));

  private static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");

  private Debugging() {}

  static int debug(GlobalOptions options, Arguments arguments) throws IOException {
    if (arguments.has("help")) {
      System.out.print(HELP);
      return 0;
    }
    String id = arguments.id("debug");
    if (arguments.rest().size() > 1) {
      throw new RuntimeFailure(
          "\"debug\" takes one container: options come before it, not " + arguments.rest().get(1));
    }
    JsonObject request = request(arguments);
    requireAwake(options, id);
    Path directory = options.root().resolve(id);
    Map<String, JsonArray> answers = ask(directory, request);
    if (arguments.has("json")) {
      System.out.println(json(answers, request, directory));
    } else {
      System.out.print(new DebugText(answers).text(PARTS.keySet(), request::has));
      System.out.print(changes(request, directory));
    }
    return 0;
  }

  private static JsonObject request(Arguments arguments) throws RuntimeFailure {
    JsonObject request = ControlClient.request("debug");
    for (String part : PARTS.keySet()) {
      if (arguments.has(part)) {
        request.addProperty(part, true);
      }
    }
    String strace = arguments.value("strace");
    if (strace != null) {
      if (!strace.equals("on") && !strace.equals("off")) {
        throw new RuntimeFailure("--strace: '" + strace + "' is neither on nor off");
      }
      request.addProperty("strace", strace.equals("on"));
    }
    String level = arguments.value("log-level");
    if (level != null) {
      if (!LEVELS.contains(level)) {
        throw new RuntimeFailure(
            "--log-level: '" + level + "' is none of " + String.join(", ", LEVELS));
      }
      request.addProperty("logLevel", level);
    }
    if (request.size() == 1) {
      throw new RuntimeFailure(
          "nothing is asked for: give one of --tasks, --stacks, --mounts, --counters, --strace,"
              + " --log-level (\"debug --help\" explains them)");
    }
    return request;
  }

  private static void requireAwake(GlobalOptions options, String id) throws IOException {
    ContainerState state = StateDirectory.peek(options.root(), id);
    if (state == null) {
      throw new RuntimeFailure("container does not exist");
    }
    if (state.status().equals(ContainerState.STOPPED)) {
      throw new RuntimeFailure(
          "the container has stopped: its sentry is gone; what it logged is in "
              + options.root().resolve(id).resolve(StateDirectory.LOG));
    }
    if (state.phase() == ContainerState.Phase.PAUSED) {
      throw new RuntimeFailure("container is paused, and so is its sentry: resume it first");
    }
  }

  /** By the names of their parts. */
  private static Map<String, JsonArray> ask(Path directory, JsonObject request) throws IOException {
    Map<String, JsonArray> answers = new LinkedHashMap<>();
    try (ControlClient client = ControlClient.send(directory, request)) {
      for (JsonObject m = client.answer(); !m.has("end"); m = client.answer()) {
        for (Map.Entry<String, JsonElement> e : m.entrySet()) {
          answers.computeIfAbsent(e.getKey(), name -> new JsonArray()).add(e.getValue());
        }
      }
    }
    return answers;
  }

  private static String json(Map<String, JsonArray> answers, JsonObject request, Path directory) {
    JsonObject all = new JsonObject();
    PARTS.forEach(
        (part, names) -> {
          if (request.has(part)) {
            for (String name : names) {
              JsonArray items = answers.getOrDefault(name, new JsonArray());
              boolean single = name.equals("counters");
              all.add(single ? name : name + "s", single ? items.get(0) : items);
            }
          }
        });
    if (request.has("strace")) {
      all.addProperty("strace", request.get("strace").getAsBoolean() ? "on" : "off");
    }
    if (request.has("logLevel")) {
      all.add("logLevel", request.get("logLevel"));
    }
    all.addProperty("log", directory.resolve(StateDirectory.LOG).toString());
    return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(all);
  }

  private static String changes(JsonObject request, Path directory) {
    StringBuilder out = new StringBuilder();
    if (request.has("strace")) {
      String state = request.get("strace").getAsBoolean() ? "on" : "off";
      out.append("strace is ").append(state);
      out.append(" for calls that begin from now on\n");
    }
    if (request.has("logLevel")) {
      String level = request.get("logLevel").getAsString();
      out.append("the log has ").append(level).append(" and above\n");
    }
    if (!out.isEmpty()) {
      out.append("log: ").append(directory.resolve(StateDirectory.LOG)).append('\n');
    }
    return out.toString();
  }
}
