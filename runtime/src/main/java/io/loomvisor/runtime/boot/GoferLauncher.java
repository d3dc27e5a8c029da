package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.runtime.host.Apart;
import io.loomvisor.runtime.host.Capability;
import io.loomvisor.runtime.host.ChildProcess;
import io.loomvisor.runtime.host.Confinement;
import io.loomvisor.runtime.host.JvmCommand;
import io.loomvisor.runtime.host.SocketPair;
import io.loomvisor.runtime.lock.GoferLock.Tree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Starts the gofer: a JVM of its own, with this one's class path and options but less heap. */
final class GoferLauncher {
  /** Of a gofer's JVM, after this one's (src/main/dist/jvm-options). */
  private static final String OPTIONS = "loomvisor.gofer.options";

  /** Where the gofer's AOT cache is to be written, in the training run for it (train-aot). */
  private static final String TRAINED = System.getProperty("loomvisor.train.gofer");

  private GoferLauncher() {}

  /**
   * A gofer that serves {@code trees} has been started and may still be booting: this end of the
   * connection, which the holder closes.
   */
  static int launch(List<Tree> trees) throws IOException {
    if (EarlyGofer.pid() == 0) {
      return start(trees).socket();
    }
    int socket = EarlyGofer.connect(trees);
    if (TRAINED != null) {
      awaitCache(ChildProcess.adopted(EarlyGofer.pid()), socket);
    }
    return socket;
  }

  /**
   * A gofer that has been started and may still be booting.
   *
   * @param socket this end of the connection, which the holder closes
   */
  record Started(ChildProcess process, int socket) {}

  /** Starts a gofer that serves {@code trees}. */
  static Started start(List<Tree> trees) throws IOException {
    SocketPair pair = SocketPair.open();
    boolean started = false;
    try {
      ChildProcess process = Apart.run(() -> spawn(trees, pair.far()));
      started = true;
      if (TRAINED != null) {
        awaitCache(process, pair.near());
      }
      return new Started(process, pair.near());
    } finally {
      SocketPair.close(pair.far());
      if (!started) {
        SocketPair.close(pair.near());
      }
    }
  }

  /**
   * Starts the gofer in a mount namespace of its own, if this process may make one: what either
   * process does to its root directory is then not the other's. Leaves the calling thread there.
   */
  private static ChildProcess spawn(List<Tree> trees, int socket) throws IOException {
    boolean isolated = Capability.CAP_SYS_ADMIN.held();
    if (isolated) {
      Confinement.unshare(Confinement.CLONE_NEWNS);
    }
    List<String> arguments = new ArrayList<>();
    arguments.add("gofer");
    arguments.add("--socket-fd");
    arguments.add(Integer.toString(ChildProcess.FIRST_DESCRIPTOR));
    for (Tree tree : trees) {
      arguments.add("--root");
      arguments.add(tree.text());
    }
    List<String> options =
        new ArrayList<>(List.of(System.getProperty(OPTIONS, "-XX:+UseSerialGC").split(" ")));
    Map<String, String> environment = new LinkedHashMap<>(JvmCommand.ENVIRONMENT);
    if (TRAINED != null) {
      options.add("-XX:AOTCacheOutput=" + TRAINED);
      environment.put("LOOMVISOR_TRAINING", "1");
    }
    List<String> command = JvmCommand.of(JvmCommand.Role.GOFER, options, isolated, arguments);
    return ChildProcess.spawn(
        new ChildProcess.Spec(
            command.getFirst(),
            command,
            environment,
            new ChildProcess.Streams.Quiet(),
            new int[] {socket},
            ChildProcess.Group.OWN));
  }

  /** The gofer writes its AOT cache when its connection ends: this process does not end before. */
  private static void awaitCache(ChildProcess gofer, int connection) {
    Thread end =
        new Thread(
            () -> {
              DescriptorCalls.shutdown(connection);
              try {
                gofer.await();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    Runtime.getRuntime().addShutdownHook(end);
  }
}
