package io.loomvisor.runtime.oci.verb;

import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.runtime.host.Apart;
import io.loomvisor.runtime.host.Capability;
import io.loomvisor.runtime.host.ChildProcess;
import io.loomvisor.runtime.host.Confinement;
import io.loomvisor.runtime.host.HostFile;
import io.loomvisor.runtime.host.JvmCommand;
import io.loomvisor.runtime.host.SocketPair;
import io.loomvisor.runtime.host.UnixSockets;
import io.loomvisor.runtime.network.HostPassthrough;
import io.loomvisor.runtime.oci.spec.ContainerConfig;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Starts the sentry of a container in namespaces of its own. */
final class SentryLauncher {
  private static final int AT_FDCWD = -100;
  private static final Path THREADS_NETWORK = Path.of("/proc/thread-self/ns/net");

  /**
   * A sentry that boots.
   *
   * @param sync a connection to it; the holder closes it
   */
  record Sentry(ChildProcess process, int sync) {}

  private SentryLauncher() {}

  static Sentry launch(
      GlobalOptions options,
      Path directory,
      Path bundle,
      ContainerConfig config,
      ChildProcess.Streams streams,
      ChildProcess.Group group)
      throws IOException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    int place = DirectoryCalls.open(AT_FDCWD, directory.toString(), flags, 0);
    SocketPair sync = SocketPair.open();
    int[] inherited = {-1, sync.far()};
    boolean started = false;
    try {
      inherited[0] = UnixSockets.bindDatagram(place, StateDirectory.CONTROL);
      HostFile.makePipe(directory.resolve(StateDirectory.REQUESTS).toString());
      HostFile.makePipe(directory.resolve(StateDirectory.ANSWERS).toString());
      ChildProcess process =
          Apart.run(() -> spawn(options, directory, bundle, config, streams, group, inherited));
      started = true;
      return new Sentry(process, sync.near());
    } finally {
      DescriptorCalls.close(place);
      Arrays.stream(inherited).filter(fd -> fd >= 0).forEach(DescriptorCalls::close);
      if (!started) {
        SocketPair.close(sync.near());
      }
    }
  }

  private static ChildProcess spawn(
      GlobalOptions options,
      Path directory,
      Path bundle,
      ContainerConfig config,
      ChildProcess.Streams streams,
      ChildProcess.Group group,
      int[] inherited)
      throws IOException {
    boolean isolated = Capability.CAP_SYS_ADMIN.held();
    boolean host = config.hostNetwork() || isOwn(config.networkNamespace());
    List<String> jvm = List.of();
    int[] given = inherited;
    if (host) {
      // Where the sentry's socket gofer is to be; the sentry itself gets a namespace of its own.
      given = Arrays.copyOf(inherited, inherited.length + 1);
      given[inherited.length] = HostFile.openReadOnly(THREADS_NETWORK.toString());
      jvm = List.of(HostPassthrough.option(ChildProcess.FIRST_DESCRIPTOR + inherited.length));
    }
    try {
      if (isolated) {
        namespaces(host ? null : config.networkNamespace(), config.utsNamespace());
      }
      List<String> arguments =
          new ArrayList<>(List.of("boot", directory.toString(), bundle.toString()));
      arguments.add(Boolean.toString(options.debug()));
      arguments.add(Boolean.toString(options.locked()));
      List<String> command = JvmCommand.of(JvmCommand.Role.BOOT, jvm, isolated, arguments);
      return ChildProcess.spawn(
          new ChildProcess.Spec(
              command.getFirst(), command, JvmCommand.ENVIRONMENT, streams, given, group));
    } finally {
      if (host) {
        DescriptorCalls.close(given[inherited.length]);
      }
    }
  }

  /** Of the calling thread, and so of what it starts. */
  private static void namespaces(String network, String names) throws IOException {
    int flags =
        Confinement.CLONE_NEWNS
            | Confinement.CLONE_NEWIPC
            | Confinement.CLONE_NEWUTS
            | Confinement.CLONE_NEWPID;
    if (network == null) {
      flags |= Confinement.CLONE_NEWNET;
    } else {
      enter(network, Confinement.CLONE_NEWNET);
    }
    if (names != null) {
      enter(names, Confinement.CLONE_NEWUTS); // the new one begins with its names
    }
    Confinement.unshare(flags);
  }

  /** Whether {@code namespace} is a path of the network that this process is in itself. */
  private static boolean isOwn(String namespace) throws IOException {
    return namespace != null && Files.isSameFile(Path.of(namespace), THREADS_NETWORK);
  }

  private static void enter(String namespace, int kind) throws IOException {
    // Its path may be a link of /proc: not one component at a time, as the gofer walks.
    int fd = HostFile.openReadOnly(namespace);
    try {
      Confinement.enter(fd, kind);
    } finally {
      DescriptorCalls.close(fd);
    }
  }
}
