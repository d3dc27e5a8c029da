package io.loomvisor.runtime.boot;

import io.loomvisor.runtime.host.Apart;
import io.loomvisor.runtime.host.Capability;
import io.loomvisor.runtime.host.ChildProcess;
import io.loomvisor.runtime.host.Confinement;
import io.loomvisor.runtime.host.JvmCommand;
import io.loomvisor.runtime.host.SocketPair;
import io.loomvisor.runtime.lock.GoferLock.Tree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;

/** Starts the gofer: a JVM of its own, with this one's class path and options but less heap. */
final class GoferLauncher {
  private static final List<String> OPTIONS =
      List.of("-Xms8m", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  /**
   * A gofer that has been started and may still be booting.
   *
   * @param socketFd this end of the connection; the holder closes it
   */
  record Gofer(ChildProcess process, int socketFd) {}

  private GoferLauncher() {}

  static Gofer launch(List<Tree> trees) throws IOException {
    SocketPair pair = SocketPair.open();
    boolean started = false;
    try {
      ChildProcess process = Apart.run(() -> spawn(trees, pair.far()));
      started = true;
      boolean training = System.getenv("LOOMVISOR_TRAINING") != null;
      return new Gofer(process, training ? trainInProcess(trees, pair.near()) : pair.near());
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
    List<String> command = JvmCommand.of(OPTIONS, isolated, arguments);
    return ChildProcess.spawn(
        new ChildProcess.Spec(
            command.getFirst(),
            command,
            JvmCommand.ENVIRONMENT,
            new ChildProcess.Streams.Quiet(),
            new int[] {socket},
            ChildProcess.Group.OWN));
  }

  /**
   * In the training run for the AOT cache (train-aot) the gofer works in this process, so that the
   * one cache has its classes too. The process started is told by the end of its connection that it
   * is not needed.
   */
  private static int trainInProcess(List<Tree> trees, int connection) throws IOException {
    SocketPair.close(connection);
    SocketPair pair = SocketPair.open();
    Thread.ofPlatform()
        .daemon()
        .name("gofer")
        .start(new FutureTask<>(() -> GoferProcess.serve(pair.far(), trees)));
    return pair.near();
  }
}
