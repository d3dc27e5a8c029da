package io.loomvisor.runtime.oci.verb;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.runtime.host.Apart;
import io.loomvisor.runtime.host.Capability;
import io.loomvisor.runtime.host.ChildProcess;
import io.loomvisor.runtime.host.Confinement;
import io.loomvisor.runtime.host.HostFile;
import io.loomvisor.runtime.host.HostSignals;
import io.loomvisor.runtime.host.JvmCommand;
import io.loomvisor.runtime.host.PseudoTerminal;
import io.loomvisor.runtime.host.SocketPair;
import io.loomvisor.runtime.oci.control.ControlClient;
import io.loomvisor.runtime.oci.control.Messages;
import io.loomvisor.runtime.oci.spec.ProcessConfig;
import io.loomvisor.runtime.oci.state.ContainerState;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code exec}: a further process in a container. On the host a process stands for it, whose
 * standard streams are its own, which passes signals on and ends as it ends: this verb itself, or
 * with {@code --detach} a child of it that lives on.
 */
final class Execution {
  private static final int SIGKILL = 9;
  private static final int KILLED = 128 + SIGKILL;

  private Execution() {}

  static int exec(GlobalOptions options, Arguments arguments)
      throws IOException, InterruptedException {
    String id = arguments.id("exec");
    Path directory = options.root().resolve(id);
    int sentry;
    try (StateDirectory held = StateDirectory.open(options.root(), id)) {
      ContainerState state = held.read();
      if (state == null) {
        throw new RuntimeFailure("container does not exist");
      }
      if (state.phase() == ContainerState.Phase.PAUSED) {
        throw new RuntimeFailure("cannot exec in a paused container");
      }
      if (!state.status().equals(ContainerState.RUNNING)) {
        throw new RuntimeFailure("cannot exec in a " + state.status() + " container");
      }
      sentry = state.pid();
    }
    JsonObject process = ProcessArguments.process(directory, arguments);
    ProcessConfig config = ProcessConfig.parse(process);
    String console = arguments.value("console-socket");
    if (arguments.has("detach")) {
      if (config.terminal() && console == null) {
        throw new RuntimeFailure(
            "cannot allocate tty if the runtime will detach without setting console socket");
      }
      detached(sentry, arguments, directory, process, config);
      return 0;
    }
    if (console != null) {
      throw new RuntimeFailure("cannot use console socket if the runtime will not detach");
    }
    String pidFile = arguments.value("pid-file");
    return attached(directory, process, () -> writePid(pidFile, (int) own()));
  }

  private static long own() {
    return ProcessHandle.current().pid();
  }

  private static void writePid(String file, int pid) throws IOException {
    if (file != null) {
      StateDirectory.writeAtomically(Path.of(file).toAbsolutePath(), Integer.toString(pid));
    }
  }

  /** What is to be done once the process runs. */
  private interface Begun {
    void run() throws IOException;
  }

  /** Starts the process with this one's streams and waits for its end: its status. */
  private static int attached(Path directory, JsonObject process, Begun begun) throws IOException {
    JsonObject request = ControlClient.request("exec");
    request.add("process", process);
    JsonArray names = new JsonArray();
    streamNames().forEach(names::add);
    request.add("names", names);
    try (ControlClient client = ControlClient.send(directory, request, 0, 1, 2)) {
      client.answer();
      passOn(client);
      begun.run();
      JsonObject end = client.answerOrEnd();
      // The end of a container's first process is SIGKILL for the others (pid_namespaces(7)).
      return end == null ? KILLED : end.get("exit").getAsInt();
    }
  }

  /** What /proc/self/fd shows of this process's streams. */
  static List<String> streamNames() throws IOException {
    List<String> names = new ArrayList<>();
    for (int fd = 0; fd <= 2; fd++) {
      names.add(Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString());
    }
    return names;
  }

  /** From now on, signals to this process and changes of its terminal's size go on. */
  static void passOn(ControlClient client) {
    SignalRelay.to(signal -> tell(client, "signal", signal));
    HostSignals.handle("WINCH", () -> tell(client, "resize", 1));
  }

  private static void tell(ControlClient client, String what, int value) {
    JsonObject message = new JsonObject();
    message.addProperty(what, value);
    try {
      client.tell(message);
    } catch (LinuxException e) {
      // It has ended: the answer says so.
      assert e.errno() != null;
    }
  }

  private static void detached(
      int sentry, Arguments arguments, Path directory, JsonObject process, ProcessConfig config)
      throws IOException {
    SocketPair sync = SocketPair.open();
    PseudoTerminal terminal = config.terminal() ? PseudoTerminal.open() : null;
    try {
      if (terminal != null) {
        if (config.rows() > 0 && config.columns() > 0) {
          terminal.resize(config.rows(), config.columns());
        }
        ConsoleSocket.send(arguments.value("console-socket"), terminal);
      }
      ChildProcess stand = spawn(sentry, directory, terminal, sync.far());
      SocketPair.close(sync.far());
      Messages.send(sync.near(), process);
      JsonObject answer = Messages.receive(sync.near()).json();
      if (answer == null || answer.has("error")) {
        stand.kill(SIGKILL);
        stand.await();
        throw new RuntimeFailure(
            "exec failed: " + (answer == null ? "no answer" : answer.get("error").getAsString()));
      }
      writePid(arguments.value("pid-file"), stand.pid());
    } finally {
      SocketPair.close(sync.near());
      if (terminal != null) {
        DescriptorCalls.close(terminal.master());
      }
    }
  }

  /**
   * Starts the process that stands for it, in the sentry's PID namespace: it ends with the sandbox,
   * and before the sandbox has ended for whoever waits for that, as engines expect
   * (pid_namespaces(7)).
   */
  private static ChildProcess spawn(int sentry, Path directory, PseudoTerminal terminal, int sync)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of(Verb.EXEC_WAIT.verbName()));
    arguments.addAll(List.of("--directory", directory.toString()));
    List<String> command =
        JvmCommand.of(
            JvmCommand.Role.VERB,
            List.of("-Xms4m", "-Xmx32m", "-XX:TieredStopAtLevel=1"),
            false,
            arguments);
    ChildProcess.Streams streams =
        terminal == null
            ? new ChildProcess.Streams.Inherited()
            : new ChildProcess.Streams.Terminal(terminal.slavePath());
    ChildProcess.Spec spec =
        new ChildProcess.Spec(
            command.getFirst(),
            command,
            JvmCommand.ENVIRONMENT,
            streams,
            new int[] {sync},
            ChildProcess.Group.SESSION);
    if (!Capability.CAP_SYS_ADMIN.held()) {
      return ChildProcess.spawn(spec);
    }
    return Apart.run(
        () -> {
          int fd = HostFile.openReadOnly("/proc/" + sentry + "/ns/pid");
          try {
            Confinement.enter(fd, Confinement.CLONE_NEWPID);
          } finally {
            DescriptorCalls.close(fd);
          }
          return ChildProcess.spawn(spec);
        });
  }

  /** The body of the process that stands for a detached one. */
  static int stand(GlobalOptions options, Arguments arguments) throws IOException {
    int sync = ChildProcess.FIRST_DESCRIPTOR;
    JsonObject process = Messages.receive(sync).json();
    if (process == null) {
      throw new RuntimeFailure("the runtime has died");
    }
    boolean[] begun = new boolean[1];
    try {
      return attached(
          Path.of(arguments.value("directory")),
          process,
          () -> {
            begun[0] = true;
            Messages.send(sync, new JsonObject());
            DescriptorCalls.close(sync);
          });
    } catch (IOException e) {
      if (!begun[0]) {
        Messages.send(sync, Messages.error(e.getMessage()));
      }
      throw e;
    }
  }
}
