package io.loomvisor.kernel.ipc.shm;

import io.loomvisor.task.Task;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.cache.CountsMappings;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.mount.Mount;

/**
 * What one shmat(2) maps: a description of the segment's file that no descriptor has. Shared by the
 * address spaces that inherit the mapping.
 */
public final class Attachment extends FileDescription implements CountsMappings {
  private final Segments segments;
  private final Segment segment;
  private final FileDescription file;

  /**
   * @param flags O_RDONLY or O_RDWR
   */
  Attachment(Segments segments, Segment segment, int flags) {
    super(place(segment), flags);
    this.segments = segments;
    this.segment = segment;
    this.file = segment.file().open(null, flags, Task.current());
    segment.opened();
  }

  private static VfsPath place(Segment segment) {
    String key = Integer.toHexString(segment.permission().key());
    String name = "SYSV" + "0".repeat(8 - key.length()) + key;
    Dentry dentry = new Dentry(null, name, new SegmentInode(segment));
    dentry.markUnnamed();
    return new VfsPath(Mount.internal(segment.file().filesystem()), dentry);
  }

  /** Bytes of the segment. */
  public long size() {
    return segment.size();
  }

  @Override
  public Mappable mappable() {
    return file.mappable();
  }

  @Override
  public void mapped(int change) {
    segment.mapped(change);
  }

  @Override
  protected void onRelease() {
    file.release();
    if (segment.closed()) {
      segments.lastUseGone(segment);
    }
  }
}
