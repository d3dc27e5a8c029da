package io.loomvisor.runtime.oci.verb;

import com.google.gson.JsonObject;
import io.loomvisor.runtime.oci.cgroup.HostCgroup;
import io.loomvisor.runtime.oci.control.ControlClient;
import io.loomvisor.runtime.oci.spec.Resources;
import io.loomvisor.runtime.oci.state.ContainerState;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code events} and {@code update}: what the sandbox's cgroup counts and allows. */
final class Statistics {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long MICROS = 1000;

  private Statistics() {}

  /** Statistics as runc words them, once or at every interval until the container ends. */
  static int events(GlobalOptions options, Arguments arguments) throws IOException {
    String id = arguments.id("events");
    ContainerState state;
    HostCgroup cgroup;
    try (StateDirectory directory = StateDirectory.open(options.root(), id)) {
      state = directory.read();
      if (state == null || state.status().equals(ContainerState.STOPPED)) {
        throw new RuntimeFailure("container with id " + id + " is not running");
      }
      cgroup = HostCgroup.at(Lifecycle.cgroupPath(Lifecycle.config(directory, state), id));
    }
    long interval = seconds(arguments.value("interval", "5s")) * NANOS_PER_SECOND;
    do {
      System.out.println(stats(id, cgroup));
      System.out.flush();
    } while (!arguments.has("stats")
        && !io.loomvisor.runtime.host.HostProcess.awaitEnd(
            state.pid(), state.startTime(), interval));
    return 0;
  }

  private static long seconds(String text) throws RuntimeFailure {
    if (!text.matches("[1-9][0-9]{0,5}s?")) {
      throw new RuntimeFailure("duration interval must be whole seconds above 0: " + text);
    }
    return Long.parseLong(text.replace("s", ""));
  }

  private static JsonObject stats(String id, HostCgroup cgroup) throws IOException {
    JsonObject usage = new JsonObject();
    long total = cgroup.number("cpuacct", "cpuacct.usage");
    if (total == 0) {
      total = cgroup.field("", "cpu.stat", "usage_usec") * MICROS;
    }
    usage.addProperty("total", total);
    JsonObject cpu = new JsonObject();
    cpu.add("usage", usage);
    JsonObject memoryUsage = new JsonObject();
    memoryUsage.addProperty(
        "usage",
        cgroup.number("memory", "memory.usage_in_bytes") + cgroup.number("", "memory.current"));
    memoryUsage.addProperty("limit", cgroup.number("memory", "memory.limit_in_bytes"));
    JsonObject memory = new JsonObject();
    memory.add("usage", memoryUsage);
    JsonObject pids = new JsonObject();
    pids.addProperty("current", cgroup.number("pids", "pids.current"));
    JsonObject data = new JsonObject();
    data.add("cpu", cpu);
    data.add("memory", memory);
    data.add("pids", pids);
    JsonObject event = new JsonObject();
    event.addProperty("type", "stats");
    event.addProperty("id", id);
    event.add("data", data);
    return event;
  }

  static int update(GlobalOptions options, Arguments arguments) throws IOException {
    String id = arguments.id("update");
    Resources resources = resources(arguments);
    try (StateDirectory directory = StateDirectory.open(options.root(), id)) {
      ContainerState state = directory.read();
      if (state == null || state.status().equals(ContainerState.STOPPED)) {
        throw new RuntimeFailure("container not running");
      }
      HostCgroup.at(Lifecycle.cgroupPath(Lifecycle.config(directory, state), id)).set(resources);
      if (resources.pids() != 0) {
        limitTasks(directory, state, resources.pids());
      }
    }
    return 0;
  }

  /** The sandbox's own matter; one that is paused does it when it goes on. */
  private static void limitTasks(StateDirectory directory, ContainerState state, long pids)
      throws IOException {
    JsonObject request = ControlClient.request("limit");
    request.addProperty("pids", pids);
    try (ControlClient client = ControlClient.send(directory.path(), request)) {
      if (state.phase() != ContainerState.Phase.PAUSED) {
        client.answer();
      }
    }
  }

  private static Resources resources(Arguments a) throws IOException {
    String from = a.value("resources");
    if (from != null) {
      String text =
          from.equals("-")
              ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
              : Files.readString(Path.of(from));
      return Resources.parse(text);
    }
    return new Resources(
        number(a, "memory"),
        number(a, "memory-reservation"),
        number(a, "memory-swap"),
        number(a, "cpu-share"),
        number(a, "cpu-quota"),
        number(a, "cpu-period"),
        a.value("cpuset-cpus"),
        a.value("cpuset-mems"),
        number(a, "pids-limit"));
  }

  private static long number(Arguments a, String flag) throws RuntimeFailure {
    try {
      return Long.parseLong(a.value(flag, "0"));
    } catch (NumberFormatException e) {
      throw new RuntimeFailure("invalid value for " + flag + ": " + a.value(flag));
    }
  }
}
