package io.loomvisor.vfs.tmpfs;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.DirectoryDescription;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.VfsPath;
import java.util.List;

/** An open directory; the position is the offset of the next entry. */
final class TmpDirectoryDescription extends DirectoryDescription {
  private static final int BATCH = 128;

  private final TmpDirectory inode;

  TmpDirectoryDescription(TmpDirectory inode, VfsPath path, int flags) {
    super(path, flags);
    this.inode = inode;
    inode.pin();
  }

  @Override
  protected void onRelease() {
    inode.unpin();
  }

  @Override
  public TmpDirectory inode() {
    return inode;
  }

  @Override
  public void readDirectory(DirectorySink sink) {
    long at = position();
    if (at == 0 && sink.entry(".", inode.ino(), DT_DIR, 1)) {
      at = 1;
    }
    if (at == 1 && sink.entry("..", inode.fs().call(inode::parentIno), DT_DIR, 2)) {
      at = 2;
    }
    boolean room = at >= 2;
    while (room) {
      long from = at;
      List<TmpDirectory.Entry> batch = inode.fs().call(() -> inode.listing(from, BATCH));
      room = batch.size() == BATCH;
      for (TmpDirectory.Entry e : batch) {
        int type = FileMode.direntType(e.inode().mode());
        if (!sink.entry(e.name(), e.inode().ino(), type, e.offset() + 1)) {
          room = false;
          break;
        }
        at = e.offset() + 1;
      }
    }
    setPosition(at);
    inode.accessed(path() == null ? null : path().mount(), statusFlags());
  }
}
