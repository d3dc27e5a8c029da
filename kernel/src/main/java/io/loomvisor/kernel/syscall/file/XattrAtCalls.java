package io.loomvisor.kernel.syscall.file;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.ExtensibleStruct;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.VfsPath;
import java.nio.ByteBuffer;

/**
 * setxattrat(2), getxattrat(2), listxattrat(2), removexattrat(2): as the older calls ({@link
 * XattrCalls}), from a directory, with value, size and flags in a struct.
 *
 * <pre>
 *   struct xattr_args:   0 value   8 size   12 flags
 * </pre>
 */
final class XattrAtCalls {
  private static final int ARGS_SIZE = 16;

  private final KernelContext kernel;
  private final XattrCalls calls;

  XattrAtCalls(KernelContext kernel, XattrCalls calls) {
    this.kernel = kernel;
    this.calls = calls;
  }

  void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.SETXATTRAT, this::set);
    b.full(SyscallNumber.GETXATTRAT, this::get);
    b.full(SyscallNumber.LISTXATTRAT, this::list);
    b.full(SyscallNumber.REMOVEXATTRAT, this::remove);
  }

  private long set(Task task, SyscallArguments a) {
    ByteBuffer args = ExtensibleStruct.read(task, a.get(4), a.get(5), ARGS_SIZE);
    return on(task, a, shortForm(a.get(3), args), calls::set);
  }

  private long get(Task task, SyscallArguments a) {
    ByteBuffer args = ExtensibleStruct.read(task, a.get(4), a.get(5), ARGS_SIZE);
    if (args.getInt(12) != 0) {
      throw Errno.EINVAL.exception();
    }
    return on(task, a, shortForm(a.get(3), args), calls::get);
  }

  private long list(Task task, SyscallArguments a) {
    SyscallArguments s = new SyscallArguments();
    s.set(0, a.get(3), a.get(4), 0, 0, 0);
    return on(task, a, s, calls::list);
  }

  private long remove(Task task, SyscallArguments a) {
    SyscallArguments s = new SyscallArguments();
    s.set(0, a.get(3), 0, 0, 0, 0);
    return on(task, a, s, calls::remove);
  }

  /** The arguments as the older calls have them, after the path. */
  private static SyscallArguments shortForm(long name, ByteBuffer args) {
    SyscallArguments s = new SyscallArguments();
    long size = Integer.toUnsignedLong(args.getInt(8));
    s.set(0, name, args.getLong(0), size, args.getInt(12), 0);
    return s;
  }

  private long on(
      Task task, SyscallArguments a, SyscallArguments s, XattrCalls.Operation operation) {
    int flags = a.getInt(2);
    if ((flags & ~(At.AT_SYMLINK_NOFOLLOW | At.AT_EMPTY_PATH)) != 0) {
      throw Errno.EINVAL.exception();
    }
    String path = StatCalls.path(task, a.get(1), flags);
    if (StatCalls.isDescriptor(a.getInt(0), path, flags)) {
      try (OpenFile f = OpenFile.of(task, a.getInt(0))) {
        return operation.on(task, s, f.description().inode(), f.description().path());
      }
    }
    try (At at = At.of(task, a.getInt(0), path)) {
      VfsPath file = kernel.fileTree().walk(at.context(), at.path(), StatCalls.walkFlags(flags));
      return operation.on(task, s, file.inode(), file);
    }
  }
}
