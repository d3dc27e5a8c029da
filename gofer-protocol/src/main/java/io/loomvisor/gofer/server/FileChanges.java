package io.loomvisor.gofer.server;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;

/**
 * The requests that change a tree. The caller has checked that the tree may be changed. Server's
 * thread.
 */
final class FileChanges {
  /** RENAME_NOREPLACE and RENAME_EXCHANGE; RENAME_WHITEOUT would make a device. */
  private static final int RENAME_FLAGS = 3;

  private final DirectoryTable table;
  private final FileOpener opener;

  FileChanges(DirectoryTable table, FileOpener opener) {
    this.table = table;
    this.opener = opener;
  }

  Reply setAttributes(DirectoryNode directory, String name, SetAttributes change) {
    int fd = table.descriptor(directory);
    // "." as the name stands for the directory itself in calls that take no AT_EMPTY_PATH on every
    // Linux.
    String place = name.isEmpty() ? "." : name;
    if (change.uid() != null || change.gid() != null) {
      int uid = change.uid() == null ? -1 : change.uid();
      int gid = change.gid() == null ? -1 : change.gid();
      DirectoryCalls.changeOwner(fd, place, uid, gid);
    }
    if (change.mode() != null) {
      changeMode(fd, name, place, change.mode() & FileMode.PERMISSIONS);
    }
    if (change.size() != null) {
      truncate(fd, name, change.size());
    }
    if (change.atime() != null || change.mtime() != null) {
      DirectoryCalls.changeTimes(fd, place, change.atime(), change.mtime());
    }
    return new Reply.Attributes(DirectoryCalls.stat(fd, name));
  }

  private void changeMode(int directory, String name, String place, int mode) {
    try {
      DirectoryCalls.changeMode(directory, place, mode);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOSYS) {
        throw e;
      }
      int fd = opener.openAny(directory, name, OpenFlags.O_RDONLY);
      try {
        DirectoryCalls.changeMode(fd, mode);
      } finally {
        DescriptorCalls.close(fd);
      }
    }
  }

  private void truncate(int directory, String name, long size) {
    if (name.isEmpty()) {
      throw Errno.EISDIR.exception();
    }
    FileOpener.Opened file = opener.open(directory, name, OpenFlags.O_WRONLY, 0, false);
    try {
      DescriptorCalls.truncate(file.fd(), size);
    } finally {
      DescriptorCalls.close(file.fd());
    }
  }

  Reply makeDirectory(DirectoryNode directory, Request.MakeDirectory r) {
    int fd = table.descriptor(directory);
    DirectoryCalls.makeDirectory(fd, r.name(), r.mode() & 01777);
    opener.own(fd, r.name(), r.uid(), r.gid());
    if ((r.mode() & FileMode.S_ISGID) != 0) {
      changeMode(fd, r.name(), r.name(), r.mode() & FileMode.PERMISSIONS);
    }
    return new Reply.Attributes(DirectoryCalls.stat(fd, r.name()));
  }

  Reply makeSymlink(DirectoryNode directory, Request.MakeSymlink r) {
    int fd = table.descriptor(directory);
    DirectoryCalls.makeSymlink(r.target(), fd, r.name());
    opener.own(fd, r.name(), r.uid(), r.gid());
    return new Reply.Attributes(DirectoryCalls.stat(fd, r.name()));
  }

  Reply makeNode(DirectoryNode directory, Request.MakeNode r) {
    switch (r.mode() & FileMode.S_IFMT) {
      case FileMode.S_IFIFO, FileMode.S_IFSOCK -> {}
      default -> throw Errno.EPERM.exception();
    }
    int fd = table.descriptor(directory);
    DirectoryCalls.makeNode(fd, r.name(), r.mode() & (FileMode.S_IFMT | 0777), 0);
    opener.own(fd, r.name(), r.uid(), r.gid());
    return new Reply.Attributes(DirectoryCalls.stat(fd, r.name()));
  }

  Reply link(DirectoryNode directory, String name, DirectoryNode newDirectory, String newName) {
    requireSameRoot(directory, newDirectory);
    int newFd = table.descriptor(newDirectory);
    DirectoryCalls.link(table.descriptor(directory), name, newFd, newName);
    return new Reply.Attributes(DirectoryCalls.stat(newFd, newName));
  }

  Reply unlink(DirectoryNode directory, String name, boolean isDirectory) {
    DirectoryCalls.unlink(table.descriptor(directory), name, isDirectory);
    return new Reply.Done();
  }

  Reply rename(DirectoryNode from, String name, DirectoryNode to, String newName, int flags) {
    requireSameRoot(from, to);
    if ((flags & ~RENAME_FLAGS) != 0) {
      throw Errno.EINVAL.exception();
    }
    int fromFd = table.descriptor(from);
    int toFd = table.descriptor(to);
    DirectoryCalls.rename(fromFd, name, toFd, newName, flags);
    follow(to, toFd, newName);
    if (exchanges(flags)) {
      follow(from, fromFd, name);
    }
    return new Reply.Done();
  }

  private static boolean exchanges(int flags) {
    return (flags & 2) != 0;
  }

  /**
   * The entry was moved to where it is now; if it is a directory with a fid, the fid goes with it.
   */
  private void follow(DirectoryNode parent, int parentFd, String name) {
    FileStat stat = DirectoryCalls.stat(parentFd, name);
    if (FileMode.isDirectory(stat.mode())) {
      table.moved(stat, parent, name);
    }
  }

  private static void requireSameRoot(DirectoryNode a, DirectoryNode b) {
    if (a.root != b.root) {
      throw Errno.EXDEV.exception();
    }
  }
}
