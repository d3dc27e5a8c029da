package io.loomvisor.vfs.synthetic;

import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.Filesystem;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A file system that has neither blocks nor a limit of files. */
public abstract class SyntheticFilesystem extends Filesystem {
  private static final int PAGE = 4096;
  private static final int NAME_MAX = 255;

  private final long magic;
  private final FileTime mounted;
  private final AtomicLong nextInode = new AtomicLong(1);

  /**
   * @param magic the f_type of statfs(2), such as PROC_SUPER_MAGIC
   */
  protected SyntheticFilesystem(long magic) {
    super(Rank.FILESYSTEM);
    this.magic = magic;
    Instant now = Instant.now();
    this.mounted = new FileTime(now.getEpochSecond(), now.getNano());
  }

  @Override
  public FileSystemStat statfs() {
    return new FileSystemStat(magic, PAGE, 0, 0, 0, 0, 0, device(), NAME_MAX, PAGE, 0);
  }

  /** When this instance came into being: the time stamps of its files. */
  public final FileTime mounted() {
    return mounted;
  }

  /** A number for an inode that lives as long as the file system. Below 2^32. */
  public final long newInodeNumber() {
    return nextInode.getAndIncrement();
  }
}
