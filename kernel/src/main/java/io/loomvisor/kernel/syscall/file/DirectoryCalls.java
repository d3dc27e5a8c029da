package io.loomvisor.kernel.syscall.file;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;
import static io.loomvisor.kernel.syscall.SyscallNumber.CHDIR;
import static io.loomvisor.kernel.syscall.SyscallNumber.CHROOT;
import static io.loomvisor.kernel.syscall.SyscallNumber.FCHDIR;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETCWD;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETDENTS;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETDENTS64;
import static io.loomvisor.kernel.syscall.SyscallNumber.UMASK;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.notify.FileNotice;
import java.nio.charset.StandardCharsets;

/** Reading directories, and the directories a process lives in. */
final class DirectoryCalls {
  private static final int EXECUTE = 1;

  private final KernelContext kernel;

  DirectoryCalls(KernelContext kernel) {
    this.kernel = kernel;
  }

  void register(SyscallTable.Builder b) {
    b.full(GETDENTS64, quick((t, a) -> getdents(t, a, true)));
    b.full(GETDENTS, quick((t, a) -> getdents(t, a, false)));
    b.full(GETCWD, quick(this::getcwd));
    b.full(CHDIR, quick(this::chdir));
    b.full(FCHDIR, quick(this::fchdir));
    b.full(CHROOT, this::chroot);
    b.full(UMASK, quick((t, a) -> t.fileSystem().setUmask(a.getInt(0))));
  }

  private long getdents(Task task, SyscallArguments a, boolean large) {
    try (OpenFile f = OpenFile.of(task, a.getInt(0))) {
      FileDescription d = f.description();
      if (!FileMode.isDirectory(d.stat().mode())) {
        throw Errno.ENOTDIR.exception();
      }
      if (d.path() != null && d.path().dentry().deleted()) {
        throw Errno.ENOENT.exception();
      }
      long room = Math.min(Integer.toUnsignedLong(a.getInt(2)), DirectoryEntries.MAX_BYTES);
      long accessible = task.memory().faultIn(a.get(1), room, true);
      DirectoryEntries entries = new DirectoryEntries(room, accessible, large);
      d.readDirectory(entries);
      FileNotice.accessed(d);
      byte[] out = entries.bytes();
      task.memory().copyOut(a.get(1), out);
      return out.length;
    }
  }

  private long getcwd(Task task, SyscallArguments a) {
    VfsPath here = task.fileSystem().workingDirectory();
    if (here.dentry().deleted()) {
      throw Errno.ENOENT.exception();
    }
    String path = kernel.fileTree().pathOf(here, task.fileSystem().root());
    byte[] bytes =
        ((path == null ? "(unreachable)" : path) + '\0').getBytes(StandardCharsets.ISO_8859_1);
    if (Long.compareUnsigned(bytes.length, a.get(1)) > 0) {
      throw Errno.ERANGE.exception();
    }
    task.memory().copyOut(a.get(0), bytes);
    return bytes.length;
  }

  private long chdir(Task task, SyscallArguments a) {
    task.fileSystem().setWorkingDirectory(directory(task, a.get(0)));
    return 0;
  }

  private long fchdir(Task task, SyscallArguments a) {
    try (OpenFile f = OpenFile.any(task, a.getInt(0))) {
      VfsPath place = f.description().path();
      if (place == null) {
        throw Errno.ENOTDIR.exception();
      }
      task.fileSystem().setWorkingDirectory(enterable(task, place));
      return 0;
    }
  }

  private long chroot(Task task, SyscallArguments a) {
    VfsPath place = directory(task, a.get(0));
    if (!task.credentials().has(Credentials.CAP_SYS_CHROOT)) {
      throw Errno.EPERM.exception();
    }
    task.fileSystem().setRoot(place);
    return 0;
  }

  private VfsPath directory(Task task, long address) {
    String path = task.memory().copyInPath(address);
    return enterable(task, kernel.fileTree().walk(At.here(task), path, FileTree.FOLLOW));
  }

  private VfsPath enterable(Task task, VfsPath place) {
    if (!FileMode.isDirectory(place.inode().mode())) {
      throw Errno.ENOTDIR.exception();
    }
    kernel.fileTree().access(At.here(task), place, EXECUTE);
    return place;
  }
}
