package io.loomvisor.vfs.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.Mount;

/** Where the standard streams' inodes live; mounted nowhere. */
final class HostFilesystem extends Filesystem {
  private static final long ANON_INODE_FS_MAGIC = 0x09041934;

  private final Inode root = new Root(this);
  private final Mount mount;

  HostFilesystem() {
    super(Rank.FILESYSTEM);
    this.mount = Mount.internal(this);
  }

  /** Where /proc/PID/fd/N of {@code file} leads. */
  VfsPath place(HostFile file) {
    return new VfsPath(mount, new Dentry(null, file.name(), new HostInode(this, file)));
  }

  @Override
  public String type() {
    return "hostfs";
  }

  @Override
  public Inode root() {
    return root;
  }

  @Override
  public FileSystemStat statfs() {
    return new FileSystemStat(ANON_INODE_FS_MAGIC, 4096, 0, 0, 0, 0, 0, device(), 255, 4096, 0);
  }

  /** One stream. Its attributes are the host's; only the size can be changed from inside. */
  private static final class HostInode extends Inode {
    private final HostFile file;

    HostInode(HostFilesystem fs, HostFile file) {
      super(fs);
      this.file = file;
    }

    @Override
    public FileStat stat() {
      return file.stat();
    }

    @Override
    public int mode() {
      return file.mode();
    }

    @Override
    public void setAttributes(SetAttributes change) {
      if (change.mode() != null || change.uid() != null || change.gid() != null) {
        throw Errno.EPERM.exception();
      }
      if (change.size() != null) {
        checkAccess(OpenFlags.O_WRONLY);
        DescriptorCalls.truncate(file.descriptor(), change.size());
      }
    }

    /**
     * open(2) of /proc/self/fd/N: what the host descriptor does not allow stays forbidden. A
     * socket: ENXIO as on Linux.
     */
    @Override
    public FileDescription open(VfsPath path, int flags, Caller caller) {
      if ((mode() & FileMode.S_IFMT) == FileMode.S_IFSOCK) {
        throw Errno.ENXIO.exception();
      }
      checkAccess(flags);
      return HostStreams.describe(file, path, flags, file.kind() == HostFile.Kind.REGULAR);
    }

    private void checkAccess(int flags) {
      if (OpenFlags.readable(flags) && !OpenFlags.readable(file.hostFlags())
          || OpenFlags.writable(flags) && !OpenFlags.writable(file.hostFlags())) {
        throw Errno.EACCES.exception();
      }
    }
  }

  /** Never seen. */
  private static final class Root extends Inode {
    Root(HostFilesystem fs) {
      super(fs);
    }

    @Override
    public FileStat stat() {
      FileTime t = FileTime.EPOCH;
      return new FileStat(
          filesystem().device(), 1, FileMode.S_IFDIR | 0555, 2, 0, 0, 0, 0, 4096, 0, t, t, t, t);
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Caller caller) {
      throw Errno.EACCES.exception();
    }
  }
}
