package io.loomvisor.runtime.network;

import com.google.gson.JsonObject;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.runtime.host.Apart;
import io.loomvisor.runtime.host.Capability;
import io.loomvisor.runtime.host.ChildProcess;
import io.loomvisor.runtime.host.Confinement;
import io.loomvisor.runtime.host.JvmCommand;
import io.loomvisor.runtime.host.SocketPair;
import io.loomvisor.runtime.oci.control.Messages;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The sentry's end of the connection to its {@link NetworkKeeper}. Until something is first asked
 * of it, that is a shell that waits for a line, which costs next to nothing; the line makes it the
 * keeper. Any thread asks; {@link InterfaceWatch}'s takes the answers.
 */
final class KeeperConnection {
  /** Waits for one byte, which is a message of its own, on descriptor 3, and becomes "$@". */
  private static final String SLEEP = "read -r line <&3 && exec \"$@\"";

  private static final String SHELL = "/bin/sh";

  private final int socket;

  /** Done once, and before anything else is sent. */
  private final FutureTask<Void> waking = new FutureTask<>(this::wake, null);

  private final AtomicInteger numbers = new AtomicInteger();
  private final Map<Integer, CompletableFuture<Integer>> streams = new ConcurrentHashMap<>();

  private KeeperConnection(int socket) {
    this.socket = socket;
  }

  /**
   * Starts the shell, in this process's network namespace and with its rights.
   *
   * @param resolver whether the sentry has a connection to Docker's name server
   */
  static KeeperConnection open(boolean resolver) throws IOException {
    SocketPair pair = SocketPair.open();
    try {
      Apart.run(() -> spawn(pair.far(), resolver));
      return new KeeperConnection(pair.near());
    } catch (IOException e) {
      SocketPair.close(pair.near());
      throw e;
    } finally {
      SocketPair.close(pair.far());
    }
  }

  private static ChildProcess spawn(int socket, boolean resolver) throws IOException {
    boolean isolated = Capability.CAP_SYS_ADMIN.held();
    if (isolated) {
      Confinement.unshare(Confinement.CLONE_NEWNS); // the sentry's is going to be empty
    }
    List<String> command = new ArrayList<>(List.of(SHELL, "-c", SLEEP, SHELL));
    command.addAll(
        JvmCommand.of(
            JvmCommand.Role.VERB,
            List.of("-Xms4m", "-Xmx32m", "-XX:TieredStopAtLevel=1"),
            isolated,
            List.of("network-keeper", Boolean.toString(resolver))));
    return ChildProcess.spawn(
        new ChildProcess.Spec(
            SHELL,
            command,
            JvmCommand.ENVIRONMENT,
            new ChildProcess.Streams.Quiet(),
            new int[] {socket},
            ChildProcess.Group.SESSION));
  }

  int socket() {
    return socket;
  }

  /** Has it look for interfaces that the sandbox has not got yet, and for a name server. */
  void askForInterfaces() {
    ask("interfaces", new JsonObject());
  }

  /**
   * A connection by TCP to the name server; the holder closes it. Waits.
   *
   * @throws IOException there is none to be had
   */
  int stream() throws IOException {
    int number = numbers.incrementAndGet();
    CompletableFuture<Integer> answer = new CompletableFuture<>();
    streams.put(number, answer);
    JsonObject request = new JsonObject();
    request.addProperty("number", number);
    ask("stream", request);
    int fd = answer.join();
    if (fd < 0) {
      throw new IOException("no connection to the name server");
    }
    return fd;
  }

  private void ask(String what, JsonObject request) {
    request.addProperty("want", what);
    try {
      waking.run();
      waking.get();
      Messages.send(socket, request);
    } catch (LinuxException | ExecutionException e) {
      lost(); // it has died
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void wake() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment line = arena.allocate(1);
      line.set(ValueLayout.JAVA_BYTE, 0, (byte) '\n');
      StreamCalls.write(socket, line);
    }
  }

  /** An answer to {@link #stream}: takes the descriptors over. */
  void answered(JsonObject answer, int[] descriptors) {
    CompletableFuture<Integer> asker = streams.remove(answer.get("number").getAsInt());
    int fd = descriptors.length == 1 ? descriptors[0] : -1;
    if (asker != null) {
      asker.complete(fd);
    } else if (fd >= 0) {
      DescriptorCalls.close(fd);
    }
  }

  /** There will be no answers any more. */
  void lost() {
    for (Integer number : streams.keySet()) {
      CompletableFuture<Integer> asker = streams.remove(number);
      if (asker != null) {
        asker.complete(-1);
      }
    }
  }
}
