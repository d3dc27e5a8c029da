package io.loomvisor.vfs.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;

/** The one {@link FileTree}: hands each call to the class that knows it. */
public final class LinuxFileTree implements FileTree {
  /** ST_ flags of statfs(2) that stand for mount flags, and ST_VALID. */
  private static final int ST_VALID = 0x20;

  private static final int ST_NOATIME = 0x400;
  private static final int ST_NODIRATIME = 0x800;
  private static final int ST_RELATIME = 0x1000;

  @Override
  public VfsPath walk(WalkContext context, String path, int walkFlags) {
    return new PathWalk(context, path, walkFlags).toEnd();
  }

  @Override
  public FileDescription open(
      WalkContext context, String path, int openFlags, int mode, int walkFlags) {
    return Opening.open(context, path, openFlags, mode, walkFlags);
  }

  @Override
  public FileDescription openAt(WalkContext context, VfsPath file, int openFlags) {
    return Opening.openAt(context, file, openFlags);
  }

  @Override
  public FileStat stat(WalkContext context, String path, int walkFlags) {
    return walk(context, path, walkFlags).inode().statAfterWalk();
  }

  @Override
  public void access(WalkContext context, VfsPath file, int mask) {
    Inode inode = file.inode();
    int mode = inode.mode();
    if ((mask & Permissions.EXECUTE) != 0
        && FileMode.isRegular(mode)
        && file.mount().has(Mount.MS_NOEXEC)) {
      throw Errno.EACCES.exception();
    }
    Permissions.check(inode, context.caller().credentials(), mask);
    if ((mask & Permissions.WRITE) != 0 && Permissions.livesInFileSystem(mode)) {
      Permissions.checkWritableMount(file);
    }
  }

  @Override
  public void setAttributes(WalkContext context, VfsPath file, SetAttributes change) {
    AttributeChange.apply(context, file, change, false);
  }

  @Override
  public void touch(WalkContext context, VfsPath file, SetAttributes change) {
    AttributeChange.apply(context, file, change, true);
  }

  @Override
  public VfsPath mknod(WalkContext context, String path, int mode, long rdev) {
    return Naming.mknod(context, path, mode, rdev);
  }

  @Override
  public void mkdir(WalkContext context, String path, int mode) {
    Naming.mkdir(context, path, mode);
  }

  @Override
  public void symlink(WalkContext context, String target, String linkPath) {
    Naming.symlink(context, target, linkPath);
  }

  @Override
  public void link(WalkContext context, VfsPath existing, String newPath) {
    Naming.link(context, existing, newPath);
  }

  @Override
  public void unlink(WalkContext context, String path) {
    Naming.unlink(context, path);
  }

  @Override
  public void rmdir(WalkContext context, String path) {
    Naming.rmdir(context, path);
  }

  @Override
  public void rename(WalkContext from, String oldPath, WalkContext to, String newPath, int flags) {
    Renaming.rename(from, oldPath, to, newPath, flags);
  }

  @Override
  public String readlink(WalkContext context, String path, int walkFlags) {
    Inode inode = walk(context, path, walkFlags & ~FOLLOW).inode();
    if (!FileMode.isSymlink(inode.mode())) {
      throw path.isEmpty() ? Errno.ENOENT.exception() : Errno.EINVAL.exception();
    }
    return inode.readlink(context.caller());
  }

  @Override
  public FileSystemStat statfs(WalkContext context, VfsPath file) {
    FileSystemStat s = file.inode().filesystem().statfs();
    Mount m = file.mount();
    int basic = m.flags() & (Mount.MS_RDONLY | Mount.MS_NOSUID | Mount.MS_NODEV | Mount.MS_NOEXEC);
    int times =
        (m.has(Mount.MS_NOATIME) ? ST_NOATIME : 0)
            | (m.has(Mount.MS_NODIRATIME) ? ST_NODIRATIME : 0)
            | (m.relatime() ? ST_RELATIME : 0);
    return new FileSystemStat(
        s.type(),
        s.blockSize(),
        s.blocks(),
        s.blocksFree(),
        s.blocksAvailable(),
        s.files(),
        s.filesFree(),
        s.fsid(),
        s.nameLength(),
        s.fragmentSize(),
        s.flags() | basic | times | ST_VALID);
  }

  @Override
  public String pathOf(VfsPath file, VfsPath root) {
    StringBuilder reversed = new StringBuilder();
    Mount mount = file.mount();
    Dentry dentry = file.dentry();
    while (mount != root.mount() || dentry != root.dentry()) {
      if (dentry == mount.root()) {
        VfsPath at = mount.mountPoint();
        if (at == null) {
          return null;
        }
        mount = at.mount();
        dentry = at.dentry();
        continue;
      }
      Dentry parent = dentry.parent();
      if (parent == null) {
        return null;
      }
      reversed.insert(0, dentry.name()).insert(0, '/');
      dentry = parent;
    }
    String path = reversed.isEmpty() ? "/" : reversed.toString();
    return file.dentry().deleted() ? path + " (deleted)" : path;
  }
}
