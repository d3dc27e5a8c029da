package io.loomvisor.gofer.server;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.gofer.wire.Reply;

/**
 * Opens regular files and directories, nothing else: what a name leads to is looked at before it is
 * opened, and looked at again afterwards, so that a name changed meanwhile is noticed (ESTALE).
 * O_NONBLOCK and O_NOCTTY make harmless the open of what could slip in between.
 */
final class FileOpener {
  private static final int CAUTION = OpenFlags.O_NONBLOCK | OpenFlags.O_NOCTTY;

  /** Whether this process may give files away; otherwise they are made as its own user. */
  private final boolean privileged = DirectoryCalls.effectiveUid() == 0;

  record Opened(int fd, FileStat stat) {}

  /**
   * Opens a regular file with access mode and O_TRUNC of {@code flags}. ELOOP, EISDIR, ENXIO for
   * other types.
   */
  Opened open(int directory, String name, int flags, long inode, boolean readOnly) {
    int wanted = flags & (OpenFlags.O_ACCMODE | OpenFlags.O_TRUNC);
    boolean changes = OpenFlags.writable(wanted) || (wanted & OpenFlags.O_TRUNC) != 0;
    if ((flags & OpenFlags.O_ACCMODE) == OpenFlags.O_ACCMODE) {
      throw Errno.EINVAL.exception();
    }
    if (readOnly && changes) {
      throw Errno.EROFS.exception();
    }
    FileStat before = DirectoryCalls.stat(directory, name);
    if (inode != 0 && before.ino() != inode) {
      throw Errno.ESTALE.exception();
    }
    requireRegular(before);
    // Truncation waits until the descriptor is known to be the right file.
    int fd = DirectoryCalls.open(directory, name, wanted & ~OpenFlags.O_TRUNC | CAUTION, 0);
    try {
      verify(fd, before);
      if ((wanted & OpenFlags.O_TRUNC) != 0) {
        DescriptorCalls.truncate(fd, 0);
      }
      return new Opened(fd, DirectoryCalls.stat(fd, ""));
    } catch (LinuxException e) {
      DescriptorCalls.close(fd);
      throw e;
    }
  }

  private static void requireRegular(FileStat stat) {
    switch (stat.mode() & FileMode.S_IFMT) {
      case FileMode.S_IFREG -> {}
      case FileMode.S_IFLNK -> throw Errno.ELOOP.exception();
      case FileMode.S_IFDIR -> throw Errno.EISDIR.exception();
      default -> throw Errno.ENXIO.exception();
    }
  }

  private static void verify(int fd, FileStat expected) {
    FileStat now = DirectoryCalls.stat(fd, "");
    boolean same =
        now.dev() == expected.dev()
            && now.ino() == expected.ino()
            && (now.mode() & FileMode.S_IFMT) == (expected.mode() & FileMode.S_IFMT);
    if (!same) {
      throw Errno.ESTALE.exception();
    }
  }

  /** Creates a regular file that was not there, opened for reading and writing. */
  Opened create(int directory, String name, int mode, int uid, int gid) {
    int flags = OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_RDWR | CAUTION;
    int fd = DirectoryCalls.open(directory, name, flags, mode & 0777);
    try {
      own(directory, name, uid, gid);
      if ((mode & FileMode.PERMISSIONS & ~0777) != 0) {
        DirectoryCalls.changeMode(fd, mode & FileMode.PERMISSIONS);
      }
      return new Opened(fd, DirectoryCalls.stat(fd, ""));
    } catch (LinuxException e) {
      DescriptorCalls.close(fd);
      DirectoryCalls.unlink(directory, name, false);
      throw e;
    }
  }

  /** Gives what was just made to its owner; a gofer without root makes everything its own. */
  void own(int directory, String name, int uid, int gid) {
    if (privileged) {
      DirectoryCalls.changeOwner(directory, name, uid, gid);
    }
  }

  /**
   * A descriptor of a regular file or directory (the empty name: {@code directory} itself) for
   * calls that need one.
   */
  int openAny(int directory, String name, int access) {
    if (name.isEmpty()) {
      return DirectoryCalls.open(directory, ".", OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    }
    FileStat before = DirectoryCalls.stat(directory, name);
    if (FileMode.isDirectory(before.mode())) {
      return DirectoryCalls.open(directory, name, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    }
    requireRegular(before);
    int fd = DirectoryCalls.open(directory, name, access | CAUTION, 0);
    try {
      verify(fd, before);
      return fd;
    } catch (LinuxException e) {
      DescriptorCalls.close(fd);
      throw e;
    }
  }

  Reply sync(int directory, String name) {
    int fd = openAny(directory, name, OpenFlags.O_RDONLY);
    try {
      DescriptorCalls.sync(fd, false);
      return new Reply.Done();
    } finally {
      DescriptorCalls.close(fd);
    }
  }
}
