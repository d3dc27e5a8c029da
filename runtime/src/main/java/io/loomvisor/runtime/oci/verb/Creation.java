package io.loomvisor.runtime.oci.verb;

import com.google.gson.JsonObject;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.runtime.host.Capability;
import io.loomvisor.runtime.host.ChildProcess;
import io.loomvisor.runtime.host.HostProcess;
import io.loomvisor.runtime.host.PseudoTerminal;
import io.loomvisor.runtime.oci.cgroup.HostCgroup;
import io.loomvisor.runtime.oci.control.Messages;
import io.loomvisor.runtime.oci.spec.ConfigException;
import io.loomvisor.runtime.oci.spec.ContainerConfig;
import io.loomvisor.runtime.oci.spec.ContainerConfig.HookKind;
import io.loomvisor.runtime.oci.state.ContainerState;
import io.loomvisor.runtime.oci.state.ContainerState.Phase;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import io.loomvisor.runtime.oci.state.StateDirectory;
import io.loomvisor.runtime.oci.verb.SentryLauncher.Sentry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;

/** {@code create}, and {@code run}, which also starts the container, waits and deletes it. */
final class Creation {
  private static final int SIGKILL = 9;

  private final GlobalOptions options;
  private final Arguments arguments;
  private final String id;
  private final Path bundle;
  private final boolean foreground;
  private ContainerConfig config;

  /** The container whose sandbox this one is to be in; null for a sandbox of its own. */
  private NetworkOwner owner;

  private Creation(GlobalOptions options, Arguments arguments, String verb, boolean foreground)
      throws IOException {
    this.options = options;
    this.arguments = arguments;
    this.id = arguments.id(verb);
    this.bundle = Path.of(arguments.value("bundle", "")).toRealPath();
    this.foreground = foreground;
  }

  static int create(GlobalOptions options, Arguments arguments)
      throws IOException, InterruptedException {
    new Creation(options, arguments, "create", false).create();
    return 0;
  }

  static int run(GlobalOptions options, Arguments arguments)
      throws IOException, InterruptedException {
    boolean detach = arguments.has("detach");
    Creation creation = new Creation(options, arguments, "run", !detach);
    ChildProcess sentry = creation.create();
    try {
      if (!detach) {
        SignalRelay.toContainer(options.root().resolve(creation.id));
      }
      Lifecycle.start(options, creation.id);
    } catch (IOException e) {
      Deletion.delete(options, creation.id, true);
      throw e;
    }
    if (detach) {
      return 0;
    }
    int status = sentry.await();
    if (!arguments.has("keep")) {
      Deletion.delete(options, creation.id, true);
    }
    return status;
  }

  private ChildProcess create() throws IOException, InterruptedException {
    String text;
    try {
      text = Files.readString(bundle.resolve("config.json"));
    } catch (NoSuchFileException e) {
      throw new RuntimeFailure("JSON specification file config.json not found");
    }
    config = ContainerConfig.parse(text, bundle);
    check();
    VerbLog log = new VerbLog(options);
    config.notices().forEach(log::warning);
    findOwner(log);
    try (StateDirectory directory = StateDirectory.create(options.root(), id)) {
      directory.replace(StateDirectory.CONFIG, text);
      return create(directory);
    }
  }

  private void findOwner(VerbLog log) throws IOException {
    String network = config.networkNamespace();
    if (network != null && Capability.CAP_SYS_ADMIN.held()) {
      owner = NetworkOwner.find(options.root(), network);
    }
    String ipc = config.ipcNamespace();
    if (ipc != null && (owner == null || !owner.has("ipc", ipc))) {
      log.warning("linux.namespaces: ipc: " + ipc + ": not shared: the sandbox has its own");
    }
  }

  private void check() throws RuntimeFailure {
    if (!Files.isDirectory(config.rootPath())) {
      throw new RuntimeFailure("root.path: " + config.rootPath() + " is not a directory");
    }
    boolean terminal = config.process() != null && config.process().terminal();
    boolean socket = arguments.value("console-socket") != null;
    if (terminal && !socket && !foreground) {
      throw new RuntimeFailure(
          "cannot allocate tty if the runtime will detach without setting console socket");
    }
    if (!terminal && socket) {
      throw new RuntimeFailure(
          "cannot use console socket if the runtime will not detach or allocate tty");
    }
    if (!arguments.value("preserve-fds", "0").equals("0")) {
      throw new RuntimeFailure("--preserve-fds: not supported");
    }
  }

  private ChildProcess create(StateDirectory directory) throws IOException, InterruptedException {
    ContainerState state = initial(id, bundle, config);
    directory.write(state);
    if (owner != null) {
      directory.replace(StateDirectory.SANDBOX, owner.id());
    }
    Sentry sentry = null;
    try {
      sentry = launch(directory);
      int pid = sentry.process().pid();
      state = state.with(pid, HostProcess.startTime(pid));
      directory.write(state);
      HostCgroup cgroup = HostCgroup.at(Lifecycle.cgroupPath(config, id));
      cgroup.add(pid);
      cgroup.set(config.resources());
      PlainFacts.of(config, cgroup, directory.sandbox()).write(directory);
      HookRunner hooks = new HookRunner(directory, config.hooks());
      hooks.run(HookKind.PRESTART, state);
      hooks.run(HookKind.CREATE_RUNTIME, state);
      hooks.run(HookKind.CREATE_CONTAINER, state);
      Messages.send(sentry.sync(), new JsonObject());
      awaitCreated(sentry);
      directory.write(state.with(Phase.CREATED));
      String pidFile = arguments.value("pid-file");
      if (pidFile != null) {
        StateDirectory.writeAtomically(Path.of(pidFile).toAbsolutePath(), Integer.toString(pid));
      }
      return sentry.process();
    } catch (IOException | RuntimeException e) {
      IOException reason = reason(sentry, e);
      abandon(directory, sentry);
      throw reason;
    } finally {
      if (sentry != null) {
        DescriptorCalls.close(sentry.sync());
      }
    }
  }

  /** A sentry that has ended before its time has said why, perhaps. */
  private static IOException reason(Sentry sentry, Exception e) {
    if (e instanceof IOException io) {
      return io;
    }
    if (sentry == null) {
      return new IOException(e.getMessage(), e);
    }
    try {
      awaitCreated(sentry);
    } catch (IOException told) {
      return told;
    }
    return new RuntimeFailure(e.getMessage());
  }

  /** The state of a container of which there is nothing else yet. */
  static ContainerState initial(String id, Path bundle, ContainerConfig config) {
    return new ContainerState(
        id,
        Phase.CREATING,
        0,
        0,
        bundle.toString(),
        config.rootPath().toString(),
        Instant.now().toString(),
        System.getProperty("user.name", ""),
        config.annotations());
  }

  private Sentry launch(StateDirectory directory) throws IOException {
    String console = arguments.value("console-socket");
    if (console != null) {
      PseudoTerminal terminal = PseudoTerminal.open();
      try {
        if (config.process().rows() > 0 && config.process().columns() > 0) {
          terminal.resize(config.process().rows(), config.process().columns());
        }
        ConsoleSocket.send(console, terminal);
        return launch(
            directory,
            new ChildProcess.Streams.Terminal(terminal.slavePath()),
            ChildProcess.Group.SESSION);
      } finally {
        DescriptorCalls.close(terminal.master());
      }
    }
    boolean terminal = config.process() != null && config.process().terminal();
    return launch(
        directory,
        new ChildProcess.Streams.Inherited(),
        // At a terminal, the sentry must be in its foreground to be told of changes of its size.
        terminal ? ChildProcess.Group.SAME : ChildProcess.Group.SESSION);
  }

  private Sentry launch(
      StateDirectory directory, ChildProcess.Streams streams, ChildProcess.Group group)
      throws IOException {
    return owner == null
        ? SentryLauncher.launch(options, directory.path(), bundle, config, streams, group)
        : JoinedProcess.launch(owner, directory.path(), bundle, config, streams, group);
  }

  private static void awaitCreated(Sentry sentry) throws IOException {
    JsonObject answer = Messages.receive(sentry.sync()).json();
    if (answer == null) {
      throw new RuntimeFailure("the sentry has died while it booted");
    }
    if (answer.has("error")) {
      throw new ConfigException(
          "unable to start container process: " + answer.get("error").getAsString());
    }
  }

  /** Nothing of a container that could not be created stays. */
  private void abandon(StateDirectory directory, Sentry sentry) throws IOException {
    if (sentry != null) {
      sentry.process().kill(SIGKILL);
      sentry.process().await();
      Deletion.leftovers(directory, initial(id, bundle, config));
    }
    HostCgroup.at(Lifecycle.cgroupPath(config, id)).remove();
    directory.remove();
  }
}
