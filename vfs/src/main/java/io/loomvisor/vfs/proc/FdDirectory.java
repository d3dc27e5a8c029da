package io.loomvisor.vfs.proc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.NameCaching;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.synthetic.SyntheticDirectory;
import io.loomvisor.vfs.synthetic.TextBuffer;
import io.loomvisor.vfs.synthetic.TextFile;

/** /proc/PID/fd and fdinfo: one entry per open descriptor. */
final class FdDirectory extends SyntheticDirectory {
  private static final int O_CLOEXEC = 02000000;
  private static final int SEEK_CUR = 1;
  private static final int FD_INDEX = 3000;
  private static final int FDINFO_INDEX = 3001;

  private final TaskScope scope;
  private final boolean info;

  FdDirectory(TaskScope scope, boolean info) {
    super(
        scope.filesystem(),
        scope.inode(TaskScope.FILE, info ? FDINFO_INDEX : FD_INDEX),
        info ? 0555 : 0500);
    this.scope = scope;
    this.info = info;
  }

  @Override
  public int uid() {
    return scope.owner(info).euid();
  }

  @Override
  public int gid() {
    return scope.owner(info).egid();
  }

  /** The number of open descriptors, as Linux reports since 6.2; 0 for fdinfo. */
  @Override
  protected long size() {
    return info ? 0 : scope.view().descriptors().length;
  }

  @Override
  public NameCaching nameCaching() {
    return NameCaching.NONE;
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    if (info) {
      scope.checkInspect(caller);
    }
    return super.open(path, flags, caller);
  }

  @Override
  public Inode lookup(String name) {
    int fd = Decimal.parse(name);
    FileDescription d = fd < 0 ? null : scope.view().retain(fd);
    if (d == null) {
      return null;
    }
    try {
      return info
          ? new TextFile(
              scope.filesystem(), scope.inode(TaskScope.FDINFO, fd), 0444, () -> fdinfo(fd))
          : new FdLink(scope, fd, d);
    } finally {
      d.release();
    }
  }

  @Override
  protected void list(long position, DirectorySink sink) {
    int kind = info ? TaskScope.FDINFO : TaskScope.FD;
    int type = FileMode.direntType(info ? FileMode.S_IFREG : FileMode.S_IFLNK);
    for (int fd : scope.view().descriptors()) {
      long at = FIRST_POSITION + fd;
      if (at >= position
          && !sink.entry(Integer.toString(fd), scope.inode(kind, fd), type, at + 1)) {
        return;
      }
    }
  }

  private String fdinfo(int fd) {
    FileDescription d = scope.view().retain(fd);
    if (d == null) {
      throw Errno.ENOENT.exception();
    }
    try {
      int flags = d.statusFlags() | (scope.view().closeOnExec(fd) ? O_CLOEXEC : 0);
      return new TextBuffer()
          .add("pos:\t")
          .add(position(d))
          .add("\nflags:\t0")
          .octal(flags, 0)
          .add("\nmnt_id:\t")
          .add(d.path() == null || d.path().mount() == null ? 0 : d.path().mount().id())
          .add("\nino:\t")
          .add(d.stat().ino())
          .newline()
          .toString();
    } finally {
      d.release();
    }
  }

  /** 0 for what cannot seek. */
  private static long position(FileDescription d) {
    try {
      return d.seek(0, SEEK_CUR);
    } catch (LinuxException e) {
      return 0;
    }
  }
}
