package io.loomvisor.gofer.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Both ends of an AF_UNIX SOCK_SEQPACKET pair, as the runtime makes it. */
public record SocketPair(int client, int server) {
  private static final int NR_SOCKETPAIR = 53;
  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET_CLOEXEC = 5 | 02000000;

  public static SocketPair open() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment fds = arena.allocate(8, 4);
      DescriptorCalls.check(
          HostCall.call(NR_SOCKETPAIR, AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, fds.address(), 0, 0));
      return new SocketPair(fds.get(ValueLayout.JAVA_INT, 0), fds.get(ValueLayout.JAVA_INT, 4));
    }
  }
}
