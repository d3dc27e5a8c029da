package io.loomvisor.vfs.synthetic;

import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.DirectoryDescription;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;

/** An open {@link SyntheticDirectory}. */
final class SyntheticDirectoryDescription extends DirectoryDescription {
  private final SyntheticDirectory directory;

  SyntheticDirectoryDescription(SyntheticDirectory directory, VfsPath path, int flags) {
    super(path, flags);
    this.directory = directory;
  }

  @Override
  public Inode inode() {
    return directory;
  }

  @Override
  public FileStat stat() {
    return directory.stat();
  }

  @Override
  public void readDirectory(DirectorySink sink) {
    DirectorySink counted =
        (name, ino, type, next) -> {
          boolean taken = sink.entry(name, ino, type, next);
          if (taken) {
            setPosition(next);
          }
          return taken;
        };
    long at = position();
    if (at == 0 && !counted.entry(".", directory.ino(), DT_DIR, 1)) {
      return;
    }
    if (at <= 1 && !counted.entry("..", parentInode(), DT_DIR, SyntheticDirectory.FIRST_POSITION)) {
      return;
    }
    directory.list(Math.max(at, SyntheticDirectory.FIRST_POSITION), counted);
  }

  private long parentInode() {
    Dentry parent = path() == null ? null : path().dentry().parent();
    return parent != null && parent.inode() instanceof SyntheticInode inode
        ? inode.ino()
        : directory.ino();
  }
}
