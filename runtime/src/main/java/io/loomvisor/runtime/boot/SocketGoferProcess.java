package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.server.SocketGofer;
import io.loomvisor.runtime.lock.SocketGoferLock;
import io.loomvisor.runtime.network.HostPassthrough;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The body of {@code loomvisor socket-gofer}; {@link HostPassthrough} is at the other end. */
public final class SocketGoferProcess {
  private static final Path FIRST_PORT = Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");

  private static final int LONGEST_NUMBER = 16;

  private SocketGoferProcess() {}

  /** Serves until the sentry closes its end; the exit status. */
  public static int serve(int requests, int events) throws IOException {
    int firstPort = firstPort();
    SocketGoferLock.prepare();
    SocketGofer.serve(requests, events, () -> lock(requests, firstPort));
    return 0;
  }

  /** By one read: at another offset than 0 such a file is at its end. */
  private static int firstPort() throws IOException {
    byte[] text = new byte[LONGEST_NUMBER];
    try (InputStream file = Files.newInputStream(FIRST_PORT)) {
      int n = file.read(text);
      return Integer.parseInt(new String(text, 0, n, StandardCharsets.US_ASCII).strip());
    }
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
