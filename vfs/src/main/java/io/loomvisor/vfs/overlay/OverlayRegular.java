package io.loomvisor.vfs.overlay;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/** A regular file. Once its data are above they stay there. */
final class OverlayRegular extends OverlayInode {
  /** Set in the file system's actor, together with the upper inode that has the data. */
  private volatile boolean dataAbove;

  /** The copy that is being made; whoever else needs it waits for its end. */
  private final AtomicReference<CompletableFuture<Void>> copying = new AtomicReference<>();

  OverlayRegular(OverlayFilesystem fs, Inode lower, FileStat stat, OverlayDirectory foundIn) {
    super(fs, lower, stat, foundIn);
  }

  OverlayRegular(OverlayFilesystem fs, Inode upper) {
    super(fs, upper, 1);
    dataAbove = true;
  }

  boolean dataAbove() {
    return dataAbove;
  }

  @Override
  public FileStat stat() {
    if (dataAbove) {
      return super.stat();
    }
    FileStat data = lower().stat();
    FileStat s = attributes().stat();
    // If the data went up in between, s may be of the upper inode with its data: the sizes are
    // equal then.
    return shown(s, data.size(), data.blocks());
  }

  @Override
  public void setAttributes(SetAttributes change) {
    Long size = change.size();
    if (size == null) {
      changeAttributes(change);
      return;
    }
    if (size < 0) {
      throw Errno.EINVAL.exception();
    }
    copyUpData(size);
    upper().setAttributes(change);
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    if (OpenFlags.writable(flags)) {
      copyUpData(Long.MAX_VALUE);
    }
    return new OverlayDescription(this, path, flags, caller);
  }

  /**
   * Brings the data up, unless they are; bytes from {@code limit} on may be left out, as they are
   * about to be cut off.
   */
  void copyUpData(long limit) {
    while (!dataAbove) {
      CompletableFuture<Void> mine = new CompletableFuture<>();
      CompletableFuture<Void> running = copying.compareAndExchange(null, mine);
      if (running != null) {
        running.join();
        continue;
      }
      try {
        if (!dataAbove) {
          copyData(limit);
        }
      } finally {
        copying.set(null);
        mine.complete(null);
      }
    }
  }

  private void copyData(long limit) {
    Inode made = CopyUp.attributes(fs(), lower());
    Inode replaced;
    try {
      CopyUp.data(fs(), lower(), made, limit);
      replaced = fs().call(() -> publish(made));
    } catch (LinuxException e) {
      fs().upper().removeDetached(made);
      throw e;
    }
    if (replaced != null) {
      fs().upper().removeDetached(replaced);
    }
  }

  /**
   * In the actor: {@code made} has the data; it gets the attributes as they are now. Returns the
   * former upper inode.
   */
  private Inode publish(Inode made) {
    checkNotDiscarded();
    Inode before = upper();
    if (before != null) {
      CopyUp.replaceAttributes(before, made);
    } else {
      FileStat s = lower().stat();
      made.setAttributes(SetAttributes.ofTimes(s.atime(), s.mtime()));
    }
    setUpper(made);
    dataAbove = true;
    return before;
  }
}
