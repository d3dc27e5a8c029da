package io.loomvisor.vfs.overlay;

import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.KernelCaller;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An open regular file: a description of the layer that has the data does the work. One opened for
 * reading before the copy-up changes over at its next use, at the position it has; the lower one
 * stays open until the last reference goes, as others may be in the middle of a read.
 */
final class OverlayDescription extends FileDescription {
  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;

  private final OverlayRegular inode;

  /** Null if the data were above from the start. */
  private final FileDescription lower;

  private final AtomicReference<FileDescription> upper = new AtomicReference<>();

  OverlayDescription(OverlayRegular inode, VfsPath path, int flags, Caller caller) {
    super(path, flags);
    this.inode = inode;
    FileDescription below = null;
    boolean pinned = false;
    try {
      inode.pin();
      pinned = true;
      if (inode.dataAbove()) {
        upper.set(inode.upper().open(path, flags, caller));
      } else {
        below = inode.lower().open(path, flags, caller);
      }
    } catch (RuntimeException e) {
      if (pinned) {
        inode.unpin();
      }
      leavePath();
      throw e;
    }
    lower = below;
  }

  @Override
  protected void onRelease() {
    FileDescription above = upper.get();
    if (above != null) {
      above.release();
    }
    if (lower != null) {
      lower.release();
    }
    inode.unpin();
  }

  private FileDescription current() {
    FileDescription above = upper.get();
    if (above != null) {
      return above;
    }
    return inode.dataAbove() ? changeOver() : lower;
  }

  private FileDescription changeOver() {
    int flags = statusFlags() & ~(OpenFlags.O_CREAT | OpenFlags.O_TRUNC);
    FileDescription above = inode.upper().open(path(), flags, KernelCaller.ROOT);
    above.seek(lower.seek(0, SEEK_CUR), SEEK_SET);
    if (upper.compareAndSet(null, above)) {
      return above;
    }
    above.release();
    return upper.get();
  }

  @Override
  public Inode inode() {
    return inode;
  }

  @Override
  public void setStatusFlags(int flags) {
    super.setStatusFlags(flags);
    current().setStatusFlags(flags);
  }

  @Override
  public long read(IoTarget target) {
    return current().read(target);
  }

  @Override
  public long pread(IoTarget target, long offset) {
    return current().pread(target, offset);
  }

  @Override
  public long write(IoSource source) {
    return current().write(source);
  }

  @Override
  public long pwrite(IoSource source, long offset) {
    return current().pwrite(source, offset);
  }

  @Override
  public long append(IoSource source, boolean movePosition) {
    return current().append(source, movePosition);
  }

  @Override
  public long seek(long offset, int whence) {
    return current().seek(offset, whence);
  }

  @Override
  public void fsync(boolean dataOnly) {
    FileDescription above = upper.get();
    if (above != null) {
      above.fsync(dataOnly);
    }
  }

  @Override
  public void truncate(long size) {
    current().truncate(size);
  }

  @Override
  public void fallocate(int mode, long offset, long length) {
    current().fallocate(mode, offset, length);
  }

  @Override
  public Mappable mappable() {
    return current().mappable();
  }
}
