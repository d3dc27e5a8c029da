package io.loomvisor.kernel.socket.inet;

import io.loomvisor.task.Task;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.socket.SocketFilesystem;

/** What makes the sockets of a sandbox that is in the host's network. Any thread. */
public interface HostSockets {
  /**
   * socket(2) of AF_INET, or AF_INET6 if {@code v6}.
   *
   * @param flags O_NONBLOCK or nothing
   */
  SocketDescription create(
      Task task, SocketFilesystem inodes, boolean v6, int type, int protocol, int flags);
}
