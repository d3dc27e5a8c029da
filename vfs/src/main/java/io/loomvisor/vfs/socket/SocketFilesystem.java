package io.loomvisor.vfs.socket;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.AttributedInode;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.Mount;
import java.util.concurrent.atomic.AtomicLong;

/** Where the inodes of sockets live (Linux: sockfs). Mounted nowhere; one per kernel. */
public final class SocketFilesystem extends Filesystem {
  private static final long SOCKFS_MAGIC = 0x534F434B;
  private static final int BLOCK_SIZE = 4096;

  private final FileClock clock;

  /** netstat(8) does not take a number of one digit for that of a socket. */
  private static final int LOWEST_INO = 1000;

  private final AtomicLong lastIno = new AtomicLong(LOWEST_INO);
  private final Mount mount;
  private final Inode root;

  public SocketFilesystem(FileClock clock) {
    super(Rank.FILESYSTEM);
    this.clock = clock;
    this.root = new SocketInode(this, Credentials.root());
    this.mount = Mount.internal(this);
  }

  /** A new socket's inode, at the place where /proc/PID/fd/N leads. */
  VfsPath newInode(Credentials owner) {
    SocketInode inode = new SocketInode(this, owner);
    return new VfsPath(mount, new Dentry(null, "socket:[" + inode.ino() + "]", inode));
  }

  @Override
  public String type() {
    return "sockfs";
  }

  @Override
  public Inode root() {
    return root;
  }

  @Override
  public FileSystemStat statfs() {
    return new FileSystemStat(
        SOCKFS_MAGIC, BLOCK_SIZE, 0, 0, 0, 0, 0, device(), 255, BLOCK_SIZE, 0);
  }

  /** The inode of one socket. It cannot be opened again: ENXIO. */
  private static final class SocketInode extends AttributedInode {
    private static final int MODE = FileMode.S_IFSOCK | 0777;

    SocketInode(SocketFilesystem fs, Credentials owner) {
      super(
          fs,
          fs.lastIno.incrementAndGet(),
          MODE,
          owner.fsuid(),
          owner.fsgid(),
          BLOCK_SIZE,
          fs.clock);
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Caller caller) {
      throw Errno.ENXIO.exception();
    }
  }
}
