package io.loomvisor.kernel.syscall.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.process.CloneRequest;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.fd.FdTable;
import io.loomvisor.task.fd.FsContext;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.Mount;
import io.loomvisor.vfs.mount.MountNamespace;
import io.loomvisor.vfs.mount.WalkContext;

/** mount(2), umount2(2), pivot_root(2) and unshare(2). The order of checks is fs/namespace.c's. */
public final class MountCalls {
  private static final int MS_REMOUNT = 32;
  private static final int MS_BIND = 4096;
  private static final int MS_MOVE = 8192;
  private static final int MS_REC = 16384;
  private static final int MS_SILENT = 32768;
  private static final int MS_PROPAGATION = 0xf << 17;
  private static final int MS_NOUSER = 1 << 31;
  private static final int MS_MGC_VAL = 0xC0ED0000;
  private static final int MS_MGC_MSK = 0xffff0000;

  private static final int MNT_FORCE = 1;
  private static final int MNT_DETACH = 2;
  private static final int MNT_EXPIRE = 4;
  private static final int UMOUNT_NOFOLLOW = 8;

  private static final int CLONE_VM = 0x100;
  private static final int CLONE_FS = 0x200;
  private static final int CLONE_FILES = 0x400;
  private static final int CLONE_SIGHAND = 0x800;
  private static final int CLONE_THREAD = 0x10000;
  private static final int CLONE_NEWNS = 0x20000;
  private static final int CLONE_SYSVSEM = 0x40000;
  private static final int CLONE_NEWUTS = 0x4000000;

  /** Longest string that mount(2) takes. */
  private static final int PAGE = 4096;

  private final KernelContext kernel;
  private final FilesystemTypes types;

  public MountCalls(KernelContext kernel, FilesystemTypes types) {
    this.kernel = kernel;
    this.types = types;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.MOUNT, this::mount);
    b.partial(SyscallNumber.UMOUNT2, "MNT_EXPIRE: EAGAIN", this::umount);
    b.full(SyscallNumber.PIVOT_ROOT, this::pivotRoot);
    MountPaths paths = new MountPaths(kernel);
    new TreeCalls(paths).register(b);
    new FsContextCalls(paths, types).register(b);
    b.partial(
        SyscallNumber.UNSHARE,
        "namespaces other than of mounts and of names: EINVAL",
        this::unshare);
  }

  private long mount(Task task, SyscallArguments a) {
    String type = string(task, a.get(2));
    String source = string(task, a.get(0));
    String data = string(task, a.get(4));
    VfsPath target = walk(task, task.memory().copyInPath(a.get(1)), true);
    int flags = a.getInt(3);
    if ((flags & MS_MGC_MSK) == MS_MGC_VAL) {
      flags &= ~MS_MGC_MSK;
    }
    if ((flags & MS_NOUSER) != 0) {
      throw Errno.EINVAL.exception();
    }
    checkAdministrator(task);
    MountNamespace namespace = task.fileSystem().namespace();
    if ((flags & MS_REMOUNT) != 0) {
      namespace.remount(target, flags);
    } else if ((flags & MS_BIND) != 0) {
      namespace.bind(source(task, source), target, (flags & MS_REC) != 0);
    } else if ((flags & MS_PROPAGATION) != 0) {
      namespace.setPropagation(target, propagation(flags), (flags & MS_REC) != 0);
    } else if ((flags & MS_MOVE) != 0) {
      namespace.move(source(task, source), target);
    } else {
      if (type == null) {
        throw Errno.EINVAL.exception();
      }
      namespace.mount(
          types.create(task.threadGroupId(), type, data == null ? "" : data),
          source == null ? "none" : source,
          target,
          flags);
    }
    return 0;
  }

  /** Exactly one kind (flags_to_propagation_type()). */
  private static int propagation(int flags) {
    int kind = flags & ~(MS_REC | MS_SILENT);
    if (Integer.bitCount(kind) != 1 || (kind & MS_PROPAGATION) != kind) {
      throw Errno.EINVAL.exception();
    }
    return kind;
  }

  private VfsPath source(Task task, String path) {
    if (path == null || path.isEmpty()) {
      throw Errno.EINVAL.exception();
    }
    return walk(task, path, true);
  }

  private static String string(Task task, long address) {
    if (address == 0) {
      return null;
    }
    try {
      return task.memory().copyInString(address, PAGE);
    } catch (LinuxException e) {
      throw e.errno() == Errno.ENAMETOOLONG ? Errno.EINVAL.exception() : e;
    }
  }

  private VfsPath walk(Task task, String path, boolean follow) {
    FsContext fs = task.fileSystem();
    WalkContext context =
        new WalkContext(fs.namespace(), fs.root(), fs.workingDirectory(), fs.umask(), task);
    return kernel.fileTree().walk(context, path, follow ? FileTree.FOLLOW : 0);
  }

  private static void checkAdministrator(Task task) {
    if (!task.credentials().has(Credentials.CAP_SYS_ADMIN)) {
      throw Errno.EPERM.exception();
    }
  }

  private long umount(Task task, SyscallArguments a) {
    int flags = a.getInt(1);
    if ((flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW)) != 0) {
      throw Errno.EINVAL.exception();
    }
    VfsPath place = walk(task, task.memory().copyInPath(a.get(0)), (flags & UMOUNT_NOFOLLOW) == 0);
    checkAdministrator(task);
    MountNamespace namespace = task.fileSystem().namespace();
    if ((flags & MNT_EXPIRE) != 0) {
      boolean isMount = place.dentry() == place.mount().root();
      throw !isMount || (flags & (MNT_FORCE | MNT_DETACH)) != 0
          ? Errno.EINVAL.exception()
          : Errno.EAGAIN.exception();
    }
    namespace.unmount(place, (flags & MNT_DETACH) != 0);
    return 0;
  }

  private long pivotRoot(Task task, SyscallArguments a) {
    checkAdministrator(task);
    VfsPath newRoot = directory(walk(task, task.memory().copyInPath(a.get(0)), true));
    VfsPath putOld = directory(walk(task, task.memory().copyInPath(a.get(1)), true));
    FsContext fs = task.fileSystem();
    MountNamespace namespace = fs.namespace();
    Mount oldMount = namespace.rootMount();
    if (fs.root().mount() != oldMount || fs.root().dentry() != oldMount.root()) {
      throw Errno.EINVAL.exception();
    }
    VfsPath oldRoot = fs.root();
    namespace.pivotRoot(newRoot, putOld);
    for (var group : kernel.processes().groups(g -> true)) {
      group.tasks().stream()
          .map(Task::fileSystem)
          .distinct()
          .forEach(f -> f.pivot(oldRoot, newRoot));
    }
    return 0;
  }

  private static VfsPath directory(VfsPath place) {
    if (!FileMode.isDirectory(place.inode().mode())) {
      throw Errno.ENOTDIR.exception();
    }
    return place;
  }

  private long unshare(Task task, SyscallArguments a) {
    int flags = a.getInt(0);
    int alone = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM;
    if ((flags & ~(alone | CLONE_FS | CLONE_FILES | CLONE_NEWNS | CLONE_SYSVSEM | CLONE_NEWUTS))
            != 0
        || (flags & alone) != 0 && task.group().size() > 1) {
      CloneRequest.reportNamespaces(task, flags);
      throw Errno.EINVAL.exception();
    }
    if ((flags & (CLONE_NEWNS | CLONE_NEWUTS)) != 0) {
      checkAdministrator(task);
    }
    if ((flags & CLONE_NEWUTS) != 0) {
      task.settings().setUts(task.settings().uts().copy());
    }
    if ((flags & CLONE_FILES) != 0 && task.descriptors().shared()) {
      FdTable old = task.descriptors();
      task.setDescriptors(old.copy());
      old.unshare();
    }
    FsContext fs = task.fileSystem();
    if ((flags & (CLONE_FS | CLONE_NEWNS)) != 0 && fs.shared()) {
      task.setFileSystem(fs.copy());
      fs.release();
    }
    if ((flags & CLONE_NEWNS) != 0) {
      ownNamespace(task.fileSystem());
    }
    return 0;
  }

  private static void ownNamespace(FsContext fs) {
    MountNamespace.Copy copy = fs.namespace().copy();
    fs.setNamespace(copy.namespace());
    fs.setRoot(copy.translate(fs.root()));
    fs.setWorkingDirectory(copy.translate(fs.workingDirectory()));
  }
}
