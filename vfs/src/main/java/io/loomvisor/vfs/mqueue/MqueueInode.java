package io.loomvisor.vfs.mqueue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.AttributedInode;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import java.util.concurrent.atomic.AtomicInteger;

/** A queue as a file. */
public final class MqueueInode extends AttributedInode {
  /** FILENT_SIZE. */
  private static final int SIZE = 80;

  private static final int BLOCK_SIZE = 4096;

  private final MqueueFilesystem filesystem;
  private final MessageBox box;
  private final int chargedTo;

  /** Says nothing of what can be read, and truncate(2) changes it all the same. */
  private volatile long size = SIZE;

  private volatile boolean unlinked;
  private final AtomicInteger descriptions = new AtomicInteger();

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
    super(filesystem, ino, mode, uid, gid, BLOCK_SIZE, FileClock.SYSTEM);
    this.filesystem = filesystem;
    this.box = box;
    this.chargedTo = chargedTo;
  }

  public MessageBox box() {
    return box;
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
    touch();
  }

  @Override
  protected int links() {
    return unlinked ? 0 : 1;
  }

  @Override
  protected long size() {
    return size;
  }

  @Override
  public void setAttributes(SetAttributes change) {
    if (change.size() != null) {
      if (change.size() < 0) {
        throw Errno.EINVAL.exception();
      }
      size = change.size();
    }
    super.setAttributes(change);
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
