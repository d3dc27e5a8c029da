package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.runtime.host.RawArguments;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.KernelCaller;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.Mount;
import io.loomvisor.vfs.mount.MountNamespace;
import io.loomvisor.vfs.mount.WalkContext;

/** The mount tree of a sandbox: the root file system and over it what the kernel itself offers. */
final class SandboxMounts {
  private static final int QUIET = Mount.MS_NOSUID | Mount.MS_NODEV | Mount.MS_NOEXEC;

  private final FileTree tree;
  private final MountNamespace mounts;
  private final WalkContext context;

  /**
   * @param root the root file system, writable
   * @param source its name in /proc/mounts
   */
  SandboxMounts(FileTree tree, Filesystem root, String source) {
    this.tree = tree;
    this.mounts = new MountNamespace(root, source, 0);
    this.context = new WalkContext(mounts, mounts.root(), mounts.root(), 0, KernelCaller.ROOT);
  }

  MountNamespace namespace() {
    return mounts;
  }

  /** Mounts at {@code path}, whose directories are made if the root file system lacks them. */
  SandboxMounts mount(Filesystem filesystem, String path, int flags) {
    mounts.mount(filesystem, filesystem.type(), directory(path), flags);
    return this;
  }

  /** As {@link #mount} with nosuid, nodev and noexec. */
  SandboxMounts mountQuiet(Filesystem filesystem, String path) {
    return mount(filesystem, path, QUIET);
  }

  private VfsPath directory(String path) {
    for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
      make(path.substring(0, slash));
    }
    make(path);
    return tree.walk(context, path, FileTree.FOLLOW);
  }

  /** The file at {@code path}, made with its directories if the root file system lacks it. */
  VfsPath file(String path) {
    int name = path.lastIndexOf('/');
    if (name > 0) {
      directory(path.substring(0, name));
    }
    try {
      return tree.walk(context, path, FileTree.FOLLOW);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
      return tree.mknod(context, path, FileMode.S_IFREG | 0644, 0);
    }
  }

  private void make(String path) {
    try {
      tree.mkdir(context, path, 0755);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
  }

  /** The context in which the command is looked for: as {@code root}, but in {@code directory}. */
  static WalkContext enter(FileTree tree, WalkContext root, String directory) throws StartFailure {
    try {
      VfsPath place = tree.walk(root, directory, FileTree.FOLLOW);
      if (!FileMode.isDirectory(place.inode().mode())) {
        throw Errno.ENOTDIR.exception();
      }
      tree.access(root, place, 1);
      return new WalkContext(root.namespace(), root.root(), place, root.umask(), root.caller());
    } catch (LinuxException e) {
      throw new StartFailure(
          StartFailure.CANNOT_RUN,
          "cannot enter the working directory "
              + RawArguments.decode(directory)
              + ": "
              + e.errno().text()
              + "; choose another with --cwd");
    }
  }
}
