package io.loomvisor.runtime.host;

import com.sun.jna.LastErrorException;
import java.io.IOException;

/**
 * A connected pair of AF_UNIX SOCK_SEQPACKET sockets, close-on-exec. The holder closes what it does
 * not hand on.
 */
public record SocketPair(int near, int far) {
  public static SocketPair open() throws IOException {
    int[] fds = new int[2];
    try {
      Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_SEQPACKET | Libc.SOCK_CLOEXEC, 0, fds);
    } catch (LastErrorException e) {
      throw new IOException("socketpair: " + e.getMessage(), e);
    }
    return new SocketPair(fds[0], fds[1]);
  }

  /** Closes {@code fd}, which must be one of a pair and not be used any more. */
  public static void close(int fd) {
    Libc.close(fd);
  }
}
