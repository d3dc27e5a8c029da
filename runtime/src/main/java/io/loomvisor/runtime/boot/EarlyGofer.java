package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.MessageMemory;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.runtime.host.HostProcess;
import io.loomvisor.runtime.host.UnixSockets;
import io.loomvisor.runtime.lock.GoferLock.Tree;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A gofer that the launcher starts together with the sentry (src/main/sh/with-gofer), so that two
 * JVMs boot at the same time. It is told what to serve when the sentry knows.
 *
 * <pre>
 *   gofer   listens at NAME, in a network namespace that has these two processes only
 *           writes a byte to the pipe that is its standard output   ▶  sentry, at PIPE
 *   sentry  connects, sends the trees in one message                ▶  gofer, which serves on that
 * </pre>
 *
 * Whichever dies meanwhile, the other sees the end of the pipe.
 */
public final class EarlyGofer {
  private static final String NAME = "loomvisor-gofer";

  /** The descriptor of the pipe's end, and the pid, in the sentry. */
  private static final Integer PIPE = Integer.getInteger("loomvisor.gofer.pipe");

  private static final Integer PID = Integer.getInteger("loomvisor.gofer.pid");

  private static final int STANDARD_OUTPUT = 1;

  /** Linux makes no messages longer than this by default (net.core.wmem_default is 208 KiB). */
  private static final int LONGEST = 128 << 10;

  private EarlyGofer() {}

  /** The gofer that has been started beside this sentry; 0 if none has. */
  public static int pid() {
    return PIPE == null || PID == null ? 0 : PID;
  }

  /** The sentry's part: the connection to the gofer, which serves {@code trees} from now on. */
  static int connect(List<Tree> trees) throws IOException {
    byte[] message =
        String.join("\0", trees.stream().map(Tree::text).toList()).getBytes(StandardCharsets.UTF_8);
    if (message.length > LONGEST) {
      throw new IOException("more to mount than a message to the gofer can tell");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocate(1, 8);
      if (StreamCalls.read(PIPE, one) != 1) {
        throw new IOException("the gofer has ended before it was asked");
      }
      int socket = UnixSockets.connectMessages(NAME);
      MemorySegment buffer = arena.allocate(message.length, 8);
      MemorySegment.copy(message, 0, buffer, ValueLayout.JAVA_BYTE, 0, message.length);
      DescriptorCalls.send(socket, buffer, message.length, -1);
      DescriptorCalls.close(PIPE); // not before: without it the gofer takes this process for dead
      return socket;
    } catch (LinuxException e) {
      throw new IOException("the gofer cannot be reached: " + e.errno().text(), e);
    }
  }

  /** The gofer's part: the connection to the sentry; -1 if that has ended. */
  static int await() throws IOException {
    HostProcess.leaveGroup();
    int listener = UnixSockets.listen(NAME);
    int socket = -1;
    if (ready()) {
      socket = UnixSockets.accept(listener, STANDARD_OUTPUT);
    }
    DescriptorCalls.close(listener);
    HostProcess.closeOutput();
    return socket;
  }

  private static boolean ready() {
    try (Arena arena = Arena.ofConfined()) {
      return StreamCalls.write(STANDARD_OUTPUT, arena.allocate(1, 8)) == 1;
    } catch (LinuxException e) {
      return false; // EPIPE, as the JVM ignores SIGPIPE
    }
  }

  /** What the sentry sends first; empty if it has ended. */
  static List<Tree> trees(int socket) throws IOException {
    try {
      MemorySegment buffer = MessageMemory.allocate(LONGEST);
      DescriptorCalls.Received received = DescriptorCalls.receive(socket, buffer);
      byte[] message = new byte[received.length()];
      MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, message, 0, message.length);
      if (message.length == 0) {
        return List.of();
      }
      String text = new String(message, StandardCharsets.UTF_8);
      return Arrays.stream(text.split("\0")).map(Tree::parse).toList();
    } catch (LinuxException e) {
      throw new IOException("what to serve: " + e.errno().text(), e);
    }
  }
}
