package io.loomvisor.runtime.oci.verb;

import com.google.gson.JsonObject;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.runtime.boot.Joining;
import io.loomvisor.runtime.host.Apart;
import io.loomvisor.runtime.host.ChildProcess;
import io.loomvisor.runtime.host.Confinement;
import io.loomvisor.runtime.host.HostFile;
import io.loomvisor.runtime.host.JvmCommand;
import io.loomvisor.runtime.host.SocketPair;
import io.loomvisor.runtime.host.UnixSockets;
import io.loomvisor.runtime.oci.control.ControlClient;
import io.loomvisor.runtime.oci.control.Messages;
import io.loomvisor.runtime.oci.spec.ContainerConfig;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import io.loomvisor.runtime.oci.state.StateDirectory;
import io.loomvisor.runtime.oci.verb.SentryLauncher.Sentry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A container in the sandbox of another ({@link NetworkOwner}). On the host a process stands for
 * it, as one does for exec's: its streams are the container's, its end is the container's, and to
 * {@code create} it is what a sentry is for others. It is in the sandbox's namespaces, so that it
 * ends with it, and the gofer is its child.
 */
final class JoinedProcess {
  private static final int AT_FDCWD = -100;
  private static final int KILLED = 128 + 9;

  private JoinedProcess() {}

  /** As {@link SentryLauncher#launch}. */
  static Sentry launch(
      NetworkOwner owner,
      Path directory,
      Path bundle,
      ContainerConfig config,
      ChildProcess.Streams streams,
      ChildProcess.Group group)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of(Verb.JOIN_WAIT.verbName()));
    arguments.addAll(List.of("--directory", directory.toString()));
    arguments.addAll(List.of("--bundle", bundle.toString()));
    arguments.addAll(List.of("--sandbox", owner.directory().toString()));
    if (owner.has("uts", config.utsNamespace())) {
      arguments.add("--share-names");
    }
    if (owner.has("ipc", config.ipcNamespace())) {
      arguments.add("--share-ipc");
    }
    List<String> command =
        JvmCommand.of(
            JvmCommand.Role.VERB,
            List.of("-Xms4m", "-Xmx32m", "-XX:TieredStopAtLevel=1"),
            false,
            arguments);
    HostFile.makePipe(directory.resolve(StateDirectory.REQUESTS).toString());
    HostFile.makePipe(directory.resolve(StateDirectory.ANSWERS).toString());
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    int place = DirectoryCalls.open(AT_FDCWD, directory.toString(), flags, 0);
    SocketPair sync = SocketPair.open();
    int control = -1;
    boolean started = false;
    try {
      control = UnixSockets.bindDatagram(place, StateDirectory.CONTROL);
      ChildProcess.Spec spec =
          new ChildProcess.Spec(
              command.getFirst(),
              command,
              JvmCommand.ENVIRONMENT,
              streams,
              new int[] {sync.far(), control},
              group);
      ChildProcess process = Apart.run(() -> spawn(owner, spec));
      started = true;
      return new Sentry(process, sync.near());
    } finally {
      DescriptorCalls.close(place);
      SocketPair.close(sync.far());
      if (control >= 0) {
        DescriptorCalls.close(control);
      }
      if (!started) {
        SocketPair.close(sync.near());
      }
    }
  }

  private static ChildProcess spawn(NetworkOwner owner, ChildProcess.Spec spec) throws IOException {
    List<Integer> opened = new ArrayList<>();
    List<Integer> kinds =
        List.of(
            Confinement.CLONE_NEWNET,
            Confinement.CLONE_NEWIPC,
            Confinement.CLONE_NEWUTS,
            Confinement.CLONE_NEWPID);
    try {
      for (String name : List.of("net", "ipc", "uts", "pid")) {
        opened.add(HostFile.openReadOnly(owner.path(name)));
      }
      owner.require(); // all of these are the sandbox's, and stay so
      for (int i = 0; i < kinds.size(); i++) {
        Confinement.enter(opened.get(i), kinds.get(i));
      }
      return ChildProcess.spawn(spec);
    } finally {
      opened.forEach(DescriptorCalls::close);
    }
  }

  /** The body of the process on the host; descriptors: the creator, the control socket. */
  static int stand(GlobalOptions options, Arguments arguments) throws IOException {
    int creator = ChildProcess.FIRST_DESCRIPTOR;
    if (Messages.receive(creator).json() == null) {
      throw new RuntimeFailure("the runtime has died");
    }
    Joining joining =
        new Joining(
            Path.of(arguments.value("directory")),
            Path.of(arguments.value("bundle")),
            creator + 1,
            Execution.streamNames(),
            arguments.has("share-names"),
            arguments.has("share-ipc"));
    Joining.Asked asked;
    try {
      asked = joining.ask(Path.of(arguments.value("sandbox")));
    } catch (IOException e) {
      Messages.send(creator, Messages.error(e.getMessage()));
      return RuntimeCommand.FAILED;
    }
    try (ControlClient client = asked.answers()) {
      try {
        client.answer();
      } catch (IOException e) {
        Messages.send(creator, Messages.error(e.getMessage()));
        return RuntimeCommand.FAILED;
      }
      Execution.passOn(client);
      Messages.send(creator, new JsonObject());
      DescriptorCalls.close(creator);
      JsonObject end = client.answerOrEnd();
      asked.gofer().await(); // nothing of the container is left when this ends
      return end == null ? KILLED : end.get("exit").getAsInt();
    }
  }
}
