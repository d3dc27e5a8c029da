package io.loomvisor.vfs.event;

import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.FileDescription;

/**
 * A description without a file: all of them share one inode, as Linux's anon_inode does
 * (fs/anon_inodes.c).
 */
public abstract class AnonymousDescription extends FileDescription {
  private static final int MODE = 0600;
  private static final int BLOCK_SIZE = 4096;

  private final WaitQueue waitQueue = new WaitQueue();
  private final String name;

  /**
   * @param name as /proc/PID/fd shows it after "anon_inode:"
   * @param flags access mode, O_NONBLOCK
   */
  protected AnonymousDescription(String name, int flags) {
    super(null, flags & (OpenFlags.O_ACCMODE | OpenFlags.O_NONBLOCK));
    this.name = name;
  }

  @Override
  public final String displayName() {
    return "anon_inode:" + name;
  }

  @Override
  public FileStat stat() {
    FileTime t = FileTime.EPOCH;
    return new FileStat(0, 1, MODE, 1, 0, 0, 0, 0, BLOCK_SIZE, 0, t, t, t, t);
  }

  /** Succeeds without effect (fs/read_write.c: noop_llseek). */
  @Override
  public long seek(long offset, int whence) {
    return 0;
  }

  @Override
  public WaitQueue waitQueue() {
    return waitQueue;
  }
}
