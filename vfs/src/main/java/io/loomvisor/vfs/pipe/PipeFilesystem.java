package io.loomvisor.vfs.pipe;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.scheduler.actor.Rank;
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
    VfsPath place = new VfsPath(mount, new Dentry(null, "pipe:[" + inode.ino + "]", inode));
    FileDescription read =
        new PipeDescription(pipe, inode, null, place, status | OpenFlags.O_RDONLY, false);
    FileDescription write =
        new PipeDescription(pipe, inode, null, place, status | OpenFlags.O_WRONLY, false);
    return new Ends(read, write);
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
    return new FileSystemStat(PIPEFS_MAGIC, 4096, 0, 0, 0, 0, 0, device(), 255, 4096, 0);
  }

  /** The inode of one pipe; opened again by way of /proc/PID/fd. */
  private static final class PipeInode extends Inode {
    private final PipeFilesystem fs;
    private final Pipe pipe;
    private final long ino;
    private final FileTime created;
    private volatile int mode = FileMode.S_IFIFO | 0600;
    private volatile int uid;
    private volatile int gid;

    /** {@code pipe} null: the root, which nobody sees. */
    PipeInode(PipeFilesystem fs, Pipe pipe, Credentials owner) {
      super(fs);
      this.fs = fs;
      this.pipe = pipe;
      ino = fs.lastIno.incrementAndGet();
      created = fs.clock.now();
      uid = owner.fsuid();
      gid = owner.fsgid();
    }

    @Override
    public FileStat stat() {
      return new FileStat(
          fs.device(),
          ino,
          mode,
          1,
          uid,
          gid,
          0,
          0,
          4096,
          0,
          created,
          created,
          created,
          FileTime.EPOCH);
    }

    @Override
    public int mode() {
      return mode;
    }

    @Override
    public void setAttributes(SetAttributes change) {
      if (change.mode() != null) {
        mode = FileMode.S_IFIFO | change.mode() & FileMode.PERMISSIONS;
      }
      if (change.uid() != null) {
        uid = change.uid();
      }
      if (change.gid() != null) {
        gid = change.gid();
      }
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Caller caller) {
      // Only FIFOs wait for the other side (fs/pipe.c: fifo_open, is_pipe).
      return new PipeDescription(pipe, this, null, path, flags, false);
    }
  }
}
