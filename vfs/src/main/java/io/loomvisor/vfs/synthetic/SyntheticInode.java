package io.loomvisor.vfs.synthetic;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.Inode;

/**
 * An inode whose attributes follow from what it is. Immutable; subclasses compute owner and size if
 * they vary.
 */
public abstract class SyntheticInode extends Inode {
  private static final int BLOCK_SIZE = 1024;

  private final SyntheticFilesystem owner;
  private final long ino;
  private final int mode;

  /**
   * @param ino unique within the file system and stable for as long as the file can be found
   * @param mode type and permission bits
   */
  protected SyntheticInode(SyntheticFilesystem filesystem, long ino, int mode) {
    super(filesystem);
    this.owner = filesystem;
    this.ino = ino;
    this.mode = mode;
  }

  public final long ino() {
    return ino;
  }

  @Override
  public final int mode() {
    return mode;
  }

  @Override
  public int uid() {
    return 0;
  }

  @Override
  public int gid() {
    return 0;
  }

  /** The st_size. */
  protected long size() {
    return 0;
  }

  protected long links() {
    return 1;
  }

  @Override
  public FileStat stat() {
    FileTime t = owner.mounted();
    return new FileStat(
        owner.device(), ino, mode, links(), uid(), gid(), 0, size(), BLOCK_SIZE, 0, t, t, t, t);
  }

  /**
   * Truncation and time stamps are accepted and mean nothing, so that O_TRUNC works; the rest is
   * EPERM.
   */
  @Override
  public void setAttributes(SetAttributes change) {
    if (change.mode() != null || change.uid() != null || change.gid() != null) {
      throw Errno.EPERM.exception();
    }
  }
}
