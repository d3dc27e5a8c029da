package io.loomvisor.runtime.boot;

import io.loomvisor.runtime.host.Capability;
import io.loomvisor.runtime.host.ChildProcess;
import io.loomvisor.runtime.host.Confinement;
import io.loomvisor.runtime.host.RawArguments;
import io.loomvisor.runtime.host.SocketPair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Starts the gofer: a JVM of its own, with this one's class path and options but less heap. */
final class GoferLauncher {
  private static final String MAIN = "io.loomvisor.runtime.cli.Main";
  private static final int CHILD_SOCKET = 3;

  /** As the launcher has it. */
  private static final Map<String, String> ENVIRONMENT =
      Map.of("GLIBC_TUNABLES", "glibc.pthread.rseq=0", "MALLOC_ARENA_MAX", "1");

  private static final String CACHE_OUTPUT = "-XX:AOTCacheOutput";

  /**
   * A gofer that has been started and may still be booting.
   *
   * @param socketFd this end of the connection; the holder closes it
   */
  record Gofer(ChildProcess process, int socketFd) {}

  private GoferLauncher() {}

  static Gofer launch(Path root, boolean readOnly) throws IOException {
    SocketPair pair = SocketPair.open();
    boolean started = false;
    try {
      String served = root + (readOnly ? ":ro" : "");
      ChildProcess process = spawnApart(command(served), pair.far());
      started = true;
      boolean training = System.getenv("LOOMVISOR_TRAINING") != null;
      return new Gofer(process, training ? trainInProcess(served, pair.near()) : pair.near());
    } finally {
      SocketPair.close(pair.far());
      if (!started) {
        SocketPair.close(pair.near());
      }
    }
  }

  /**
   * Starts the gofer in a mount namespace of its own, which a thread makes for it: what either
   * process does to its root directory is then not the other's.
   */
  private static ChildProcess spawnApart(List<String> command, int socket) throws IOException {
    FutureTask<ChildProcess> task =
        new FutureTask<>(
            () -> {
              if (Capability.CAP_SYS_ADMIN.held()) {
                Confinement.unshare(Confinement.CLONE_NEWNS);
                command.add(1, "-Dloomvisor.isolated=true");
              }
              return ChildProcess.spawn(command, ENVIRONMENT, socket, CHILD_SOCKET);
            });
    Thread.ofPlatform().name("gofer-launcher").start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw new IOException("cannot start the gofer: " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /**
   * In the training run for the AOT cache (train-aot) the gofer works in this process, so that the
   * one cache has its classes too. The process started is told by the end of its connection that it
   * is not needed.
   */
  private static int trainInProcess(String root, int connection) throws IOException {
    SocketPair.close(connection);
    SocketPair pair = SocketPair.open();
    Thread.ofPlatform()
        .daemon()
        .name("gofer")
        .start(new FutureTask<>(() -> GoferProcess.serve(pair.far(), List.of(root))));
    return pair.near();
  }

  private static List<String> command(String root) {
    List<String> own = RawArguments.commandLine();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    int main = own.indexOf(MAIN);
    if (main > 0) {
      own.subList(1, main).stream()
          .filter(option -> !option.startsWith(CACHE_OUTPUT))
          .forEach(command::add);
    } else { // embedded in another program, a test for one
      command.add("-cp");
      command.add(System.getProperty("java.class.path"));
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of("-Xms8m", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(
        List.of(MAIN, "gofer", "--socket-fd", Integer.toString(CHILD_SOCKET), "--root", root));
    return command;
  }
}
