package io.loomvisor.runtime.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A connected pair of AF_UNIX SOCK_SEQPACKET sockets, close-on-exec. The holder closes what it does
 * not hand on.
 */
public record SocketPair(int near, int far) {
  private static final int NR_SOCKETPAIR = 53;

  public static SocketPair open() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment fds = arena.allocate(8, 8);
      int type = SocketAbi.SOCK_SEQPACKET | SocketAbi.SOCK_CLOEXEC;
      Syscall.call(arena, "socketpair", NR_SOCKETPAIR, SocketAbi.AF_UNIX, type, 0, fds.address());
      return new SocketPair(fds.get(ValueLayout.JAVA_INT, 0), fds.get(ValueLayout.JAVA_INT, 4));
    }
  }

  /** Closes {@code fd}, which must be one of a pair and not be used any more. */
  public static void close(int fd) {
    HostFile.close(fd);
  }
}
