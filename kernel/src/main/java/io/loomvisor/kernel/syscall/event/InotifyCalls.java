package io.loomvisor.kernel.syscall.event;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.fd.FsContext;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.notify.InotifyDescription;
import io.loomvisor.vfs.notify.InotifyLimits;
import io.loomvisor.vfs.notify.NotifyEvents;

/** inotify_init(2), inotify_init1(2), inotify_add_watch(2), inotify_rm_watch(2). */
public final class InotifyCalls {
  private static final int READ = 4;

  private final KernelContext kernel;
  private final InotifyLimits limits;

  public InotifyCalls(KernelContext kernel, InotifyLimits limits) {
    this.kernel = kernel;
    this.limits = limits;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.INOTIFY_INIT, (t, a) -> create(t, 0));
    b.full(SyscallNumber.INOTIFY_INIT1, (t, a) -> create(t, a.getInt(0)));
    String note = "what the host changes in its files is not seen";
    b.partial(SyscallNumber.INOTIFY_ADD_WATCH, note, this::add);
    b.full(SyscallNumber.INOTIFY_RM_WATCH, InotifyCalls::remove);
  }

  private long create(Task task, int flags) {
    if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0) {
      throw Errno.EINVAL.exception();
    }
    FileDescription made =
        new InotifyDescription(limits, task.credentials().uid(), flags & OpenFlags.O_NONBLOCK);
    return OpenFile.install(task, made, (flags & OpenFlags.O_CLOEXEC) != 0);
  }

  private long add(Task task, SyscallArguments a) {
    int mask = a.getInt(2);
    if ((mask & ~NotifyEvents.ALL) != 0 || mask == 0) {
      throw Errno.EINVAL.exception();
    }
    try (OpenFile file = OpenFile.of(task, a.getInt(0))) {
      if ((mask & NotifyEvents.IN_MASK_ADD) != 0 && (mask & NotifyEvents.IN_MASK_CREATE) != 0) {
        throw Errno.EINVAL.exception();
      }
      InotifyDescription instance = instance(file);
      int follow = (mask & NotifyEvents.IN_DONT_FOLLOW) != 0 ? 0 : FileTree.FOLLOW;
      FsContext fs = task.fileSystem();
      WalkContext here =
          new WalkContext(fs.namespace(), fs.root(), fs.workingDirectory(), fs.umask(), task);
      VfsPath watched = kernel.fileTree().walk(here, task.memory().copyInPath(a.get(1)), follow);
      if ((mask & NotifyEvents.IN_ONLYDIR) != 0 && !FileMode.isDirectory(watched.inode().mode())) {
        throw Errno.ENOTDIR.exception();
      }
      kernel.fileTree().access(here, watched, READ);
      return instance.addWatch(watched.inode(), mask);
    }
  }

  private static InotifyDescription instance(OpenFile file) {
    if (file.description() instanceof InotifyDescription i) {
      return i;
    }
    throw Errno.EINVAL.exception();
  }

  private static long remove(Task task, SyscallArguments a) {
    try (OpenFile file = OpenFile.of(task, a.getInt(0))) {
      instance(file).removeWatch(a.getInt(1));
      return 0;
    }
  }
}
