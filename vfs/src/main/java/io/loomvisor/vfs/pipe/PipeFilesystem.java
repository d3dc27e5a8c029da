package io.loomvisor.vfs.pipe;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
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

/** Where pipes without a name live (Linux: pipefs). Mounted nowhere; one per kernel. */
public final class PipeFilesystem extends Filesystem {
  private static final long PIPEFS_MAGIC = 0x50495045;
  private static final int BLOCK_SIZE = 4096;

  /** The two ends that pipe2(2) returns. */
  public record Ends(FileDescription read, FileDescription write) {}

  private final FileClock clock;
  private final AtomicLong lastIno = new AtomicLong();
  private final Mount mount;
  private final Inode root;

  public PipeFilesystem(FileClock clock) {
    super(Rank.FILESYSTEM);
    this.clock = clock;
    this.root = new PipeInode(this, null, Credentials.root());
    this.mount = Mount.internal(this);
  }

  /** pipe2(2): {@code flags} may have O_NONBLOCK and O_DIRECT (packet mode). */
  public Ends createPipe(int flags, Credentials owner) {
    Pipe pipe = new Pipe();
    PipeInode inode = new PipeInode(this, pipe, owner);
    int status = flags & (OpenFlags.O_NONBLOCK | OpenFlags.O_DIRECT);
    VfsPath place = new VfsPath(mount, new Dentry(null, "pipe:[" + inode.ino() + "]", inode));
    FileDescription read =
        new PipeDescription(pipe, inode, null, place, status | OpenFlags.O_RDONLY, false);
    try {
      return new Ends(
          read, new PipeDescription(pipe, inode, null, place, status | OpenFlags.O_WRONLY, false));
    } catch (LinuxException e) {
      read.release();
      throw e;
    }
  }

  @Override
  public String type() {
    return "pipefs";
  }

  @Override
  public Inode root() {
    return root;
  }

  @Override
  public FileSystemStat statfs() {
    return new FileSystemStat(
        PIPEFS_MAGIC, BLOCK_SIZE, 0, 0, 0, 0, 0, device(), 255, BLOCK_SIZE, 0);
  }

  /** The inode of one pipe; opened again by way of /proc/PID/fd. */
  private static final class PipeInode extends AttributedInode {
    private static final int MODE = FileMode.S_IFIFO | 0600;

    private final Pipe pipe;

    /** {@code pipe} null: the root, which nobody sees. */
    PipeInode(PipeFilesystem fs, Pipe pipe, Credentials owner) {
      super(
          fs,
          fs.lastIno.incrementAndGet(),
          MODE,
          owner.fsuid(),
          owner.fsgid(),
          BLOCK_SIZE,
          fs.clock);
      this.pipe = pipe;
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Caller caller) {
      // Only FIFOs wait for the other side (fs/pipe.c: fifo_open, is_pipe).
      return new PipeDescription(pipe, this, null, path, flags, false);
    }
  }
}
