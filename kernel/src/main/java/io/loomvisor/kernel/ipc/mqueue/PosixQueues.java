package io.loomvisor.kernel.ipc.mqueue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.LinuxFileTree;
import io.loomvisor.vfs.mount.MountNamespace;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.mqueue.MqueueFilesystem;
import io.loomvisor.vfs.mqueue.MqueueInode;
import io.loomvisor.vfs.mqueue.MqueueLimits;
import io.loomvisor.vfs.notify.FileNotice;

/**
 * The POSIX message queues of one IPC namespace, by name. Names are files of a mount of the
 * kernel's own, which no mount namespace shows (ipc/mqueue.c: mq_init_ns). Any thread, no actor
 * held.
 */
public final class PosixQueues {
  private static final int NAME_MAX = 255;

  private final FileTree tree = new LinuxFileTree();
  private final MqueueFilesystem files = new MqueueFilesystem();
  private final MountNamespace mount = new MountNamespace(files, "mqueue", 0);

  /** For mounts of type mqueue, and for its limits. */
  public MqueueFilesystem files() {
    return files;
  }

  private WalkContext context(Task task) {
    VfsPath root = mount.root();
    return new WalkContext(mount, root, root, task.fileSystem().umask(), task);
  }

  /**
   * mq_open(2).
   *
   * @param name without the slash that mq_open(3) takes away
   * @param capacity null for the standard
   */
  public FileDescription open(
      Task task, String name, int flags, int mode, MqueueLimits.Capacity capacity) {
    checkName(name);
    boolean creates = (flags & OpenFlags.O_CREAT) != 0;
    int kept = flags & (OpenFlags.O_ACCMODE | OpenFlags.O_NONBLOCK);
    for (; ; ) {
      VfsPath found = find(task, name);
      if (found != null) {
        return openThere(task, found, flags, kept);
      }
      if (!creates) {
        throw Errno.ENOENT.exception();
      }
      try {
        return create(task, name, kept, mode, capacity);
      } catch (LinuxException e) {
        if (e.errno() != Errno.EEXIST) {
          throw e;
        }
        // Somebody else has made it meanwhile.
        mount.root().dentry().forget(name);
      }
    }
  }

  private FileDescription openThere(Task task, VfsPath found, int flags, int kept) {
    int exclusive = OpenFlags.O_CREAT | OpenFlags.O_EXCL;
    if ((flags & exclusive) == exclusive) {
      throw Errno.EEXIST.exception();
    }
    if ((flags & OpenFlags.O_ACCMODE) == OpenFlags.O_ACCMODE) {
      throw Errno.EINVAL.exception();
    }
    return tree.openAt(context(task), found, kept);
  }

  /** The new queue's own mode does not restrict its maker. */
  private FileDescription create(
      Task task, String name, int kept, int mode, MqueueLimits.Capacity capacity) {
    VfsPath root = mount.root();
    int bits = FileMode.S_IFREG | mode & FileMode.PERMISSIONS & ~task.fileSystem().umask();
    long limit = task.group().limits().soft(ResourceLimits.RLIMIT_MSGQUEUE);
    int seen = root.dentry().changes();
    MqueueInode made = files.createQueue(name, bits, capacity, task.credentials(), limit);
    Dentry dentry = root.dentry().created(name, made, seen);
    FileNotice.created(root.dentry(), name, made);
    return FileNotice.opened(made.open(new VfsPath(root.mount(), dentry), kept, task));
  }

  private VfsPath find(Task task, String name) {
    try {
      return tree.walk(context(task), name, 0);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
      return null;
    }
  }

  /** mq_unlink(2). */
  public void unlink(Task task, String name) {
    checkName(name);
    tree.unlink(context(task), name);
  }

  /** lookup_noperm(): one component, and none that means something. */
  private static void checkName(String name) {
    if (name.isEmpty()) {
      throw Errno.ENOENT.exception();
    }
    if (name.indexOf('/') >= 0 || name.equals(".") || name.equals("..")) {
      throw Errno.EACCES.exception();
    }
    if (name.length() > NAME_MAX) {
      throw Errno.ENAMETOOLONG.exception();
    }
  }
}
