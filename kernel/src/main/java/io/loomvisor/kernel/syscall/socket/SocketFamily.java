package io.loomvisor.kernel.syscall.socket;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.socket.SocketDescription;

/** What makes the sockets of one address family. */
public interface SocketFamily {
  /** Two connected sockets, each with a reference for the caller. */
  record Pair(SocketDescription first, SocketDescription second) {}

  /** AF_ number. */
  int domain();

  /**
   * socket(2).
   *
   * @param type SOCK_STREAM and so on, without flags
   * @param flags O_NONBLOCK or nothing
   */
  SocketDescription create(Task task, int type, int protocol, int flags);

  /** socketpair(2). */
  default Pair createPair(Task task, int type, int protocol, int flags) {
    throw Errno.EOPNOTSUPP.exception();
  }
}
