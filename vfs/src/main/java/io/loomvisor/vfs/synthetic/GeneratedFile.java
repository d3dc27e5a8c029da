package io.loomvisor.vfs.synthetic;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;

/**
 * A regular file whose contents are made when a read starts at offset 0, and kept by the
 * description for the reads that follow, as Linux's seq_file does: who reads on sees one consistent
 * text, who rewinds sees a new one.
 */
public abstract class GeneratedFile extends SyntheticInode {
  /** More than this is never taken by one write; no file here has a longer value. */
  static final int MAX_WRITE = 64 << 10;

  protected GeneratedFile(SyntheticFilesystem filesystem, long ino, int permissions) {
    super(filesystem, ino, FileMode.S_IFREG | permissions);
  }

  /**
   * The contents now, for a description opened by {@code reader}. Called with no actor held; may
   * fail with any errno.
   */
  protected abstract byte[] contents(Opener reader);

  /**
   * A write of {@code data} by a description opened by {@code writer}. Called with no actor held.
   *
   * @return bytes consumed
   */
  protected int store(Opener writer, byte[] data, long offset) {
    throw Errno.EIO.exception();
  }

  /** Refuses an open that mode bits do not refuse, by throwing; the default allows all. */
  protected void checkOpen(Caller caller, int flags) {}

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    checkOpen(caller, flags);
    return new GeneratedDescription(this, path, flags, Opener.of(caller));
  }
}
