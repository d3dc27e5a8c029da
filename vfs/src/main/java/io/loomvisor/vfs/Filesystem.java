package io.loomvisor.vfs;

import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.notify.Watches;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One mounted instance of a file system (Linux: super block). The actor owns the name space and
 * metadata.
 */
public abstract class Filesystem extends Actor {
  private static final AtomicInteger NEXT_DEVICE = new AtomicInteger(1);

  private final AtomicReference<Dentry> rootDentry = new AtomicReference<>();
  private final AtomicReference<Watches> watches = new AtomicReference<>();
  private final AtomicInteger mounts = new AtomicInteger();
  private final long device = NEXT_DEVICE.getAndIncrement();

  protected Filesystem(Rank rank) {
    super(rank);
  }

  /** The type as mount(2) and /proc/mounts name it: "tmpfs", "proc", … */
  public abstract String type();

  /** The root directory; the same inode every time. */
  public abstract Inode root();

  /** The one dentry of the root directory, shared by all mounts. */
  public final Dentry rootDentry() {
    Dentry d = rootDentry.get();
    if (d == null) {
      rootDentry.compareAndSet(null, new Dentry(null, "", root()));
      d = rootDentry.get();
    }
    return d;
  }

  public abstract FileSystemStat statfs();

  /** Who watches files of it; null if nobody ever has. */
  public final Watches watches() {
    return watches.get();
  }

  /** As {@link #watches}, for somebody who is about to. */
  public final Watches watch() {
    watches.compareAndSet(null, new Watches());
    return watches.get();
  }

  /** Counts a mount more or less; returns how many there are. */
  public final int countMount(int change) {
    return mounts.addAndGet(change);
  }

  /** Writes back what is dirty (sync(2)). */
  public void sync() {}

  /**
   * It is mounted nowhere any more and nobody uses a file of it: what can be had again, or can no
   * longer be seen, is given back, pages and descriptors.
   */
  public void end() {}

  /** The st_dev of its files: major 0, a number of its own. */
  public final long device() {
    return device;
  }
}
