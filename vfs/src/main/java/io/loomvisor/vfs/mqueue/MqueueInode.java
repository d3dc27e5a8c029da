package io.loomvisor.vfs.mqueue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A queue as a file. Attributes are words of their own, written by whoever changes them as the VFS
 * has checked.
 */
public final class MqueueInode extends Inode {
  /** FILENT_SIZE. */
  private static final int SIZE = 80;

  private static final int BLOCK_SIZE = 4096;

  private final MqueueFilesystem filesystem;
  private final MessageBox box;
  private final long ino;
  private final int chargedTo;

  /** Says nothing of what can be read, and truncate(2) changes it all the same. */
  private volatile long size = SIZE;

  private volatile int mode;
  private volatile int uid;
  private volatile int gid;
  private volatile boolean unlinked;
  private final AtomicInteger descriptions = new AtomicInteger();
  private volatile FileTime atime = FileClock.SYSTEM.now();
  private volatile FileTime mtime = atime;
  private volatile FileTime ctime = atime;

  /**
   * @param chargedTo the user whose RLIMIT_MSGQUEUE it counts against
   */
  MqueueInode(
      MqueueFilesystem filesystem,
      MessageBox box,
      long ino,
      int mode,
      int uid,
      int gid,
      int chargedTo) {
    super(filesystem);
    this.filesystem = filesystem;
    this.box = box;
    this.ino = ino;
    this.mode = mode;
    this.uid = uid;
    this.gid = gid;
    this.chargedTo = chargedTo;
  }

  public MessageBox box() {
    return box;
  }

  long ino() {
    return ino;
  }

  int chargedTo() {
    return chargedTo;
  }

  void setUnlinked() {
    unlinked = true;
  }

  boolean unlinked() {
    return unlinked;
  }

  /** A message went in or out, or a notification was set. */
  public void touched() {
    FileTime now = FileClock.SYSTEM.now();
    atime = now;
    ctime = now;
    mtime = now;
  }

  @Override
  public int mode() {
    return mode;
  }

  @Override
  public int uid() {
    return uid;
  }

  @Override
  public int gid() {
    return gid;
  }

  @Override
  public FileStat stat() {
    return new FileStat(
        filesystem.device(),
        ino,
        mode,
        unlinked ? 0 : 1,
        uid,
        gid,
        0,
        size,
        BLOCK_SIZE,
        0,
        atime,
        mtime,
        ctime,
        ctime);
  }

  @Override
  public void setAttributes(SetAttributes change) {
    if (change.size() != null) {
      if (change.size() < 0) {
        throw Errno.EINVAL.exception();
      }
      size = change.size();
    }
    if (change.mode() != null) {
      mode = mode & FileMode.S_IFMT | change.mode() & FileMode.PERMISSIONS;
    }
    if (change.uid() != null) {
      uid = change.uid();
    }
    if (change.gid() != null) {
      gid = change.gid();
    }
    if (change.atime() != null) {
      atime = change.atime();
    }
    if (change.mtime() != null) {
      mtime = change.mtime();
    }
    ctime = FileClock.SYSTEM.now();
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    return new MqueueDescription(this, path, flags);
  }

  void opened() {
    descriptions.incrementAndGet();
  }

  boolean inUse() {
    return descriptions.get() > 0;
  }

  /** A description is gone. */
  void released() {
    descriptions.decrementAndGet();
    filesystem.discardIfUnused(this);
  }
}
