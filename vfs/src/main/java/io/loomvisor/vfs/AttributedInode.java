package io.loomvisor.vfs;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.SetAttributes;

/**
 * An inode that lives in this kernel alone and has attributes as words of their own, each written
 * by whoever changes it once the VFS has checked that he may (Linux: simple_setattr()). It has no
 * contents to speak of: one block size, no blocks.
 */
public abstract class AttributedInode extends Inode {
  private final long ino;
  private final int blockSize;
  private final FileClock clock;
  private volatile int mode;
  private volatile int uid;
  private volatile int gid;
  private volatile FileTime atime;
  private volatile FileTime mtime;
  private volatile FileTime ctime;

  /**
   * @param mode type and permission bits
   * @param blockSize st_blksize, in bytes
   */
  protected AttributedInode(
      Filesystem filesystem, long ino, int mode, int uid, int gid, int blockSize, FileClock clock) {
    super(filesystem);
    this.ino = ino;
    this.mode = mode;
    this.uid = uid;
    this.gid = gid;
    this.blockSize = blockSize;
    this.clock = clock;
    touch();
  }

  public final long ino() {
    return ino;
  }

  /** All times are now. */
  protected final void touch() {
    FileTime now = clock.now();
    atime = now;
    mtime = now;
    ctime = now;
  }

  /** Names that it has; one if it has none in any tree, as Linux counts there. */
  protected int links() {
    return 1;
  }

  /** The number of the device that it stands for; 0 if for none. */
  protected long rdev() {
    return 0;
  }

  /** st_size, in bytes. */
  protected long size() {
    return 0;
  }

  @Override
  public final int mode() {
    return mode;
  }

  @Override
  public final int uid() {
    return uid;
  }

  @Override
  public final int gid() {
    return gid;
  }

  @Override
  public final FileStat stat() {
    return new FileStat(
        filesystem().device(),
        ino,
        mode,
        links(),
        uid,
        gid,
        rdev(),
        size(),
        blockSize,
        0,
        atime,
        mtime,
        ctime,
        FileTime.EPOCH);
  }

  @Override
  public void setAttributes(SetAttributes change) {
    if (change.mode() != null) {
      mode = mode & FileMode.S_IFMT | change.mode() & FileMode.PERMISSIONS;
    }
    uid = change.uid() != null ? change.uid() : uid;
    gid = change.gid() != null ? change.gid() : gid;
    atime = change.atime() != null ? change.atime() : atime;
    mtime = change.mtime() != null ? change.mtime() : mtime;
    ctime = clock.now();
  }
}
