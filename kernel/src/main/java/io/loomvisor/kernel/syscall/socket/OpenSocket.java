package io.loomvisor.kernel.syscall.socket;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.socket.SocketDescription;

/** The socket behind a descriptor, for the length of one syscall. */
record OpenSocket(OpenFile file, SocketDescription socket) implements AutoCloseable {
  /** EBADF, ENOTSOCK. */
  static OpenSocket of(Task task, int fd) {
    OpenFile file = OpenFile.of(task, fd);
    if (file.description() instanceof SocketDescription s) {
      return new OpenSocket(file, s);
    }
    file.close();
    throw Errno.ENOTSOCK.exception();
  }

  @Override
  public void close() {
    file.close();
  }
}
