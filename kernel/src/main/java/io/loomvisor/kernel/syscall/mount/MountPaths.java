package io.loomvisor.kernel.syscall.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.file.At;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.FileTree;

/** How the calls of this package come to places. */
record MountPaths(KernelContext kernel) {
  /** The place at {@code address} from {@code dirfd}; {@code empty}: AT_EMPTY_PATH. */
  VfsPath walk(Task task, int dirfd, long address, boolean follow, boolean empty) {
    int flags = (follow ? FileTree.FOLLOW : 0) | (empty ? FileTree.EMPTY_PATH : 0);
    try (At at = At.of(task, dirfd, address)) {
      return kernel.fileTree().walk(at.context(), at.path(), flags);
    }
  }

  /** An O_PATH description of {@code place}. */
  FileDescription open(Task task, VfsPath place) {
    return kernel.fileTree().openAt(At.here(task), place, OpenFlags.O_PATH);
  }

  /** EPERM (may_mount()). */
  static void checkAdministrator(Task task) {
    if (!task.credentials().has(Credentials.CAP_SYS_ADMIN)) {
      throw Errno.EPERM.exception();
    }
  }
}
