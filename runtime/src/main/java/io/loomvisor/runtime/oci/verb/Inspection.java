package io.loomvisor.runtime.oci.verb;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.loomvisor.runtime.oci.control.ControlClient;
import io.loomvisor.runtime.oci.state.ContainerState;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** {@code state}, {@code ps} and {@code list}: what is there. */
final class Inspection {
  private static final Gson PRETTY =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  private Inspection() {}

  static int state(GlobalOptions options, Arguments arguments) throws IOException {
    System.out.println(PRETTY.toJson(existing(options, arguments.id("state")).json()));
    return 0;
  }

  private static ContainerState existing(GlobalOptions options, String id) throws IOException {
    ContainerState state = StateDirectory.peek(options.root(), id);
    if (state == null) {
      throw new RuntimeFailure("container does not exist");
    }
    return state;
  }

  /**
   * As JSON, the processes that the host can show: engines look them up in its process table. As a
   * table, the application's, by the numbers it sees itself.
   */
  static int ps(GlobalOptions options, Arguments arguments) throws IOException {
    String id = arguments.id("ps");
    ContainerState state = existing(options, id);
    boolean alive = !state.status().equals(ContainerState.STOPPED);
    switch (arguments.value("format", "table")) {
      case "json" -> {
        JsonArray pids = new JsonArray();
        if (alive) {
          pids.add(state.pid());
        }
        System.out.println(pids);
      }
      case "table" -> {
        if (state.phase() == ContainerState.Phase.PAUSED) {
          throw new RuntimeFailure("container is paused: its processes cannot be listed");
        }
        System.out.println("PID");
        if (alive) {
          JsonObject answer =
              ControlClient.ask(options.root().resolve(id), ControlClient.request("ps"));
          for (JsonElement pid : answer.getAsJsonArray("pids")) {
            System.out.println(pid.getAsInt());
          }
        }
      }
      default -> throw new RuntimeFailure("invalid format option");
    }
    return 0;
  }

  static int list(GlobalOptions options, Arguments arguments) throws IOException {
    List<ContainerState> all = all(options.root());
    if (arguments.has("quiet")) {
      all.forEach(s -> System.out.println(s.id()));
      return 0;
    }
    switch (arguments.value("format", "table")) {
      case "json" -> {
        JsonArray array = new JsonArray();
        for (ContainerState s : all) {
          array.add(s.json());
        }
        System.out.println(all.isEmpty() ? "null" : array);
      }
      case "table" -> {
        System.out.printf(
            "%-12s%-12s%-12s%-24s%-32s%s%n", "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER");
        for (ContainerState s : all) {
          JsonObject o = s.json();
          System.out.printf(
              "%-12s%-12d%-12s%-24s%-32s%s%n",
              s.id(),
              o.get("pid").getAsInt(),
              o.get("status").getAsString(),
              s.bundle(),
              s.created(),
              s.owner());
        }
      }
      default -> throw new RuntimeFailure("invalid format option");
    }
    return 0;
  }

  private static List<ContainerState> all(Path root) throws IOException {
    List<ContainerState> all = new ArrayList<>();
    if (!Files.isDirectory(root)) {
      return all;
    }
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(root, Files::isDirectory)) {
      for (Path d : directories) {
        ContainerState state = StateDirectory.peek(root, d.getFileName().toString());
        if (state != null) {
          all.add(state);
        }
      }
    }
    all.sort(Comparator.comparing(ContainerState::id));
    return all;
  }
}
