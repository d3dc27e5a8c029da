package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.server.SocketGofer;
import io.loomvisor.runtime.lock.SocketGoferLock;
import io.loomvisor.runtime.network.HostPassthrough;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/** The body of {@code loomvisor socket-gofer}; {@link HostPassthrough} is at the other end. */
public final class SocketGoferProcess {
  private static final Path FIRST_PORT = Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");

  private SocketGoferProcess() {}

  /** Serves until the sentry closes its end; the exit status. */
  public static int serve(int requests, int events) throws IOException {
    int firstPort = Integer.parseInt(Files.readString(FIRST_PORT).strip());
    SocketGoferLock.prepare();
    SocketGofer.serve(requests, events, () -> lock(requests, firstPort));
    return 0;
  }

  private static void lock(int requests, int firstPort) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment word = arena.allocate(HostPassthrough.HELLO_SIZE, 8);
      word.set(ValueLayout.JAVA_INT, 0, firstPort);
      DescriptorCalls.send(requests, word, HostPassthrough.HELLO_SIZE, -1);
      if (DescriptorCalls.receive(requests, word).length() == 0) {
        throw new IOException("the sentry has ended");
      }
    }
    SocketGoferLock.engage();
  }
}
