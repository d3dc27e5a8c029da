package io.loomvisor.runtime.oci.verb;

import io.loomvisor.runtime.host.HostProcess;
import io.loomvisor.runtime.oci.cgroup.HostCgroup;
import io.loomvisor.runtime.oci.control.ControlClient;
import io.loomvisor.runtime.oci.spec.ContainerConfig;
import io.loomvisor.runtime.oci.spec.ContainerConfig.HookKind;
import io.loomvisor.runtime.oci.state.ContainerState;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;

/** {@code delete}: nothing of the container stays, whatever state a verb that died has left. */
final class Deletion {
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  private Deletion() {}

  static int delete(GlobalOptions options, Arguments arguments)
      throws IOException, InterruptedException {
    return delete(options, arguments.id("delete"), arguments.has("force"));
  }

  static int delete(GlobalOptions options, String id, boolean force)
      throws IOException, InterruptedException {
    StateDirectory directory;
    try {
      directory = StateDirectory.open(options.root(), id);
    } catch (RuntimeFailure e) {
      if (force) {
        return 0; // gone already, which is what was wanted
      }
      throw e;
    }
    try (directory) {
      ContainerState state = directory.read();
      if (state == null) {
        directory.remove(); // its creator died before there was anything else
        return 0;
      }
      String status = state.status();
      boolean deletable =
          force || status.equals(ContainerState.STOPPED) || status.equals(ContainerState.CREATED);
      if (!deletable) {
        throw new RuntimeFailure(
            "cannot delete container " + id + " that is not stopped: " + status);
      }
      end(directory, state);
      remove(options, directory, state);
      return 0;
    }
  }

  private static void end(StateDirectory directory, ContainerState state) throws IOException {
    boolean ended =
        state.pid() == 0
            // Whoever made it died before it knew the sentry, which takes that for its own end.
            ? ControlClient.awaitEnd(directory.path(), PATIENCE_NANOS)
            : HostProcess.end(state.pid(), state.startTime(), PATIENCE_NANOS);
    if (!ended || !leftovers(directory, state)) {
      throw new RuntimeFailure("the sentry of " + state.id() + " does not end");
    }
  }

  /**
   * Of a container in another's sandbox, which goes on when its process on the host has ended: ends
   * its processes inside and its gofer. False if they do not end.
   */
  static boolean leftovers(StateDirectory directory, ContainerState state) throws IOException {
    return directory.sandbox() == null
        || ControlClient.awaitEnd(directory.path(), PATIENCE_NANOS) && empty(directory, state);
  }

  private static boolean empty(StateDirectory directory, ContainerState state) throws IOException {
    if (!Files.exists(directory.path().resolve(StateDirectory.CONFIG))) {
      return true;
    }
    String path = Lifecycle.cgroupPath(Lifecycle.config(directory, state), state.id());
    for (int pid : HostCgroup.at(path).processes()) {
      long started = HostProcess.startTime(pid);
      if (started != 0 && !HostProcess.end(pid, started, PATIENCE_NANOS)) {
        return false;
      }
    }
    return true;
  }

  private static void remove(GlobalOptions options, StateDirectory directory, ContainerState state)
      throws IOException, InterruptedException {
    if (!Files.exists(directory.path().resolve(StateDirectory.CONFIG))) {
      directory.remove();
      return;
    }
    ContainerConfig config = Lifecycle.config(directory, state);
    HostCgroup.at(Lifecycle.cgroupPath(config, state.id())).remove();
    try {
      new HookRunner(directory, config.hooks()).run(HookKind.POSTSTOP, state.with(0, 0));
    } catch (IOException e) {
      // The specification: the deletion goes on, the failure is logged.
      new VerbLog(options).warning(e.getMessage());
    }
    directory.remove();
  }
}
