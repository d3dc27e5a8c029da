package io.loomvisor.kernel.syscall.socket;

import io.loomvisor.task.Task;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.socket.unix.UnixSockets;

/** AF_UNIX. */
public final class UnixFamily implements SocketFamily {
  private final UnixSockets sockets;

  public UnixFamily(UnixSockets sockets) {
    this.sockets = sockets;
  }

  @Override
  public int domain() {
    return SocketAbi.AF_UNIX;
  }

  @Override
  public SocketDescription create(Task task, int type, int protocol, int flags) {
    return sockets.create(task, type, protocol, flags);
  }

  @Override
  public Pair createPair(Task task, int type, int protocol, int flags) {
    UnixSockets.Pair p = sockets.createPair(task, type, protocol, flags);
    return new Pair(p.first(), p.second());
  }
}
