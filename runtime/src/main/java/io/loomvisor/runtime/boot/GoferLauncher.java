package io.loomvisor.runtime.boot;

import io.loomvisor.runtime.host.ChildProcess;
import io.loomvisor.runtime.host.RawArguments;
import io.loomvisor.runtime.host.SocketPair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Starts the gofer: a JVM of its own, with this one's class path and options but less heap. */
final class GoferLauncher {
  private static final String MAIN = "io.loomvisor.runtime.cli.Main";
  private static final int CHILD_SOCKET = 3;

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
      ChildProcess process =
          ChildProcess.spawn(command(root + (readOnly ? ":ro" : "")), Map.of(), pair.far(), CHILD_SOCKET);
      started = true;
      return new Gofer(process, pair.near());
    } finally {
      SocketPair.close(pair.far());
      if (!started) {
        SocketPair.close(pair.near());
      }
    }
  }

  private static List<String> command(String root) {
    List<String> own = RawArguments.commandLine();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    int main = own.indexOf(MAIN);
    if (main > 0) {
      command.addAll(own.subList(1, main));
    } else { // embedded in another program, a test for one
      command.add("-cp");
      command.add(System.getProperty("java.class.path"));
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of("-Xms8m", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of(MAIN, "gofer", "--socket-fd", Integer.toString(CHILD_SOCKET), "--root", root));
    return command;
  }
}
