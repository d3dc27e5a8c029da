package io.loomvisor.kernel.syscall.file;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.Syscall;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.notify.FileNotice;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Extended attributes (xattr(7)). The name spaces that the file system does not have fail there
 * with EOPNOTSUPP.
 */
final class XattrCalls {
  private static final int NAME_MAX = 255;
  private static final int SIZE_MAX = 65536;
  private static final int LIST_MAX = 65536;
  private static final int XATTR_CREATE = 1;
  private static final int XATTR_REPLACE = 2;
  private static final int READ = 4;
  private static final int WRITE = 2;

  private final KernelContext kernel;

  XattrCalls(KernelContext kernel) {
    this.kernel = kernel;
  }

  /**
   * What one call does with the file found; {@code path} null for files without a place in the
   * tree.
   */
  interface Operation {
    long on(Task task, SyscallArguments a, Inode inode, VfsPath path);
  }

  void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.GETXATTR, at(FileTree.FOLLOW, this::get));
    b.full(SyscallNumber.LGETXATTR, at(0, this::get));
    b.full(SyscallNumber.FGETXATTR, open(this::get));
    b.full(SyscallNumber.SETXATTR, at(FileTree.FOLLOW, this::set));
    b.full(SyscallNumber.LSETXATTR, at(0, this::set));
    b.full(SyscallNumber.FSETXATTR, open(this::set));
    b.full(SyscallNumber.LISTXATTR, at(FileTree.FOLLOW, this::list));
    b.full(SyscallNumber.LLISTXATTR, at(0, this::list));
    b.full(SyscallNumber.FLISTXATTR, open(this::list));
    b.full(SyscallNumber.REMOVEXATTR, at(FileTree.FOLLOW, this::remove));
    b.full(SyscallNumber.LREMOVEXATTR, at(0, this::remove));
    b.full(SyscallNumber.FREMOVEXATTR, open(this::remove));
  }

  private Syscall at(int walkFlags, Operation operation) {
    return (task, a) -> {
      try (At at = At.of(task, At.AT_FDCWD, a.get(0))) {
        VfsPath file = kernel.fileTree().walk(at.context(), at.path(), walkFlags);
        return operation.on(task, a, file.inode(), file);
      }
    };
  }

  private static Syscall open(Operation operation) {
    return (task, a) -> {
      try (OpenFile f = OpenFile.of(task, a.getInt(0))) {
        return operation.on(task, a, f.description().inode(), f.description().path());
      }
    };
  }

  long get(Task task, SyscallArguments a, Inode inode, VfsPath path) {
    String name = name(task, a.get(1));
    check(task, name, inode, path, READ);
    return give(task, a.get(2), a.get(3), SIZE_MAX, inode.getXattr(name));
  }

  long set(Task task, SyscallArguments a, Inode inode, VfsPath path) {
    int flags = a.getInt(4);
    if ((flags & ~(XATTR_CREATE | XATTR_REPLACE)) != 0) {
      throw Errno.EINVAL.exception();
    }
    String name = name(task, a.get(1));
    if (Long.compareUnsigned(a.get(3), SIZE_MAX) > 0) {
      throw Errno.E2BIG.exception();
    }
    byte[] value = task.memory().copyIn(a.get(2), (int) a.get(3));
    checkWritable(path);
    check(task, name, inode, path, WRITE);
    inode.setXattr(name, value, flags);
    notice(path);
    return 0;
  }

  long remove(Task task, SyscallArguments a, Inode inode, VfsPath path) {
    String name = name(task, a.get(1));
    checkWritable(path);
    check(task, name, inode, path, WRITE);
    inode.removeXattr(name);
    notice(path);
    return 0;
  }

  private static void notice(VfsPath path) {
    if (path != null) {
      FileNotice.attributes(path);
    }
  }

  long list(Task task, SyscallArguments a, Inode inode, VfsPath path) {
    List<String> names = inode.listXattr();
    StringBuilder all = new StringBuilder();
    for (String n : names) {
      if (!n.startsWith("trusted.") || task.credentials().has(Credentials.CAP_SYS_ADMIN)) {
        all.append(n).append('\0');
      }
    }
    return give(
        task, a.get(1), a.get(2), LIST_MAX, all.toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Size 0 only asks for the size; ERANGE if the buffer is too small. */
  private static long give(Task task, long address, long size, int most, byte[] bytes) {
    if (size != 0) {
      if (Long.compareUnsigned(size, bytes.length) < 0) {
        throw Long.compareUnsigned(size, most) >= 0
            ? Errno.E2BIG.exception()
            : Errno.ERANGE.exception();
      }
      task.memory().copyOut(address, MemorySegment.ofArray(bytes));
    }
    return bytes.length;
  }

  private static String name(Task task, long address) {
    String name;
    try {
      name = task.memory().copyInString(address, NAME_MAX + 1);
    } catch (io.loomvisor.gofer.abi.LinuxException e) {
      throw e.errno() == Errno.ENAMETOOLONG ? Errno.ERANGE.exception() : e;
    }
    if (name.isEmpty() || name.length() > NAME_MAX) {
      throw Errno.ERANGE.exception();
    }
    return name;
  }

  private static void checkWritable(VfsPath path) {
    if (path != null && path.mount().readOnly()) {
      throw Errno.EROFS.exception();
    }
  }

  /** fs/xattr.c: xattr_permission. */
  private void check(Task task, String name, Inode inode, VfsPath path, int access) {
    if (name.startsWith("security.") || name.startsWith("system.")) {
      return; // the file system's own business
    }
    boolean reading = access == READ;
    if (name.startsWith("trusted.")) {
      if (!task.credentials().has(Credentials.CAP_SYS_ADMIN)) {
        throw reading ? Errno.ENODATA.exception() : Errno.EPERM.exception();
      }
      return;
    }
    if (!name.startsWith("user.")) {
      throw Errno.EOPNOTSUPP.exception();
    }
    int mode = inode.mode();
    if (!FileMode.isRegular(mode) && !FileMode.isDirectory(mode)) {
      throw reading ? Errno.ENODATA.exception() : Errno.EPERM.exception();
    }
    if (path != null) {
      kernel.fileTree().access(At.here(task), path, access);
    }
  }
}
