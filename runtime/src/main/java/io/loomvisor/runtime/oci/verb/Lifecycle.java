package io.loomvisor.runtime.oci.verb;

import com.google.gson.JsonObject;
import io.loomvisor.runtime.host.HostProcess;
import io.loomvisor.runtime.oci.control.ControlClient;
import io.loomvisor.runtime.oci.spec.ContainerConfig;
import io.loomvisor.runtime.oci.spec.ContainerConfig.HookKind;
import io.loomvisor.runtime.oci.state.ContainerState;
import io.loomvisor.runtime.oci.state.ContainerState.Phase;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code start}, {@code kill}, {@code pause} and {@code resume}. */
final class Lifecycle {
  private static final int SIGKILL = 9;
  private static final int SIGCONT = 18;
  private static final int SIGSTOP = 19;

  private Lifecycle() {}

  /** The configuration that the container was made with. */
  static ContainerConfig config(StateDirectory directory, ContainerState state) throws IOException {
    String text = Files.readString(directory.path().resolve(StateDirectory.CONFIG));
    return ContainerConfig.parse(text, Path.of(state.bundle()));
  }

  /** runc's default is the id. */
  static String cgroupPath(ContainerConfig config, String id) {
    return config.cgroupsPath() == null ? "/" + id : config.cgroupsPath();
  }

  private static ContainerState read(StateDirectory directory) throws IOException {
    ContainerState state = directory.read();
    if (state == null) {
      throw new RuntimeFailure("container does not exist");
    }
    return state;
  }

  static int start(GlobalOptions options, Arguments arguments)
      throws IOException, InterruptedException {
    start(options, arguments.id("start"));
    return 0;
  }

  static void start(GlobalOptions options, String id) throws IOException, InterruptedException {
    try (StateDirectory directory = StateDirectory.open(options.root(), id)) {
      ContainerState state = read(directory);
      switch (state.status()) {
        case ContainerState.CREATED -> {}
        case ContainerState.STOPPED ->
            throw new RuntimeFailure("cannot start a container that has stopped");
        default -> throw new RuntimeFailure("cannot start an already running container");
      }
      ControlClient.ask(directory.path(), ControlClient.request("start"));
      ContainerState running = state.with(Phase.STARTED);
      directory.write(running);
      try {
        HookRunner hooks = new HookRunner(directory, config(directory, state).hooks());
        hooks.run(HookKind.POSTSTART, running);
      } catch (IOException e) {
        // The specification: the container goes on, the failure is logged.
        new VerbLog(options).warning(e.getMessage());
      }
    }
  }

  static int kill(GlobalOptions options, Arguments arguments)
      throws IOException, InterruptedException {
    String id = arguments.id("kill");
    String name = arguments.rest().size() > 1 ? arguments.rest().get(1) : "SIGTERM";
    int signal = SignalName.number(name);
    try (StateDirectory directory = StateDirectory.open(options.root(), id)) {
      ContainerState state = read(directory);
      if (state.status().equals(ContainerState.STOPPED)) {
        if (arguments.has("all")) {
          return 0; // nothing is left: the end of a sandbox is the end of all its processes
        }
        throw new RuntimeFailure("container not running");
      }
      if (signal == SIGKILL) {
        HostProcess.kill(state.pid(), SIGKILL);
        return 0;
      }
      if (state.phase() == Phase.PAUSED) {
        throw new RuntimeFailure("container is paused: it takes no signal but SIGKILL");
      }
      JsonObject request = ControlClient.request("kill");
      request.addProperty("signal", signal);
      request.addProperty("all", arguments.has("all"));
      ControlClient.ask(directory.path(), request);
      return 0;
    }
  }

  static int pause(GlobalOptions options, Arguments arguments) throws IOException {
    stopOrGoOn(options, arguments.id("pause"), Phase.STARTED, Phase.PAUSED, SIGSTOP);
    return 0;
  }

  static int resume(GlobalOptions options, Arguments arguments) throws IOException {
    stopOrGoOn(options, arguments.id("resume"), Phase.PAUSED, Phase.STARTED, SIGCONT);
    return 0;
  }

  /** A sentry that is stopped runs no application. */
  private static void stopOrGoOn(GlobalOptions options, String id, Phase from, Phase to, int signal)
      throws IOException {
    try (StateDirectory directory = StateDirectory.open(options.root(), id)) {
      ContainerState state = read(directory);
      if (state.status().equals(ContainerState.STOPPED) || state.phase() != from) {
        throw new RuntimeFailure("container not " + (from == Phase.PAUSED ? "paused" : "running"));
      }
      if (directory.sandbox() != null) {
        throw new RuntimeFailure(
            "cannot pause "
                + id
                + " alone: it is in the sandbox of "
                + directory.sandbox()
                + ", which can be paused with all in it");
      }
      HostProcess.kill(state.pid(), signal);
      directory.write(state.with(to));
    }
  }
}
