package io.loomvisor.vfs.mqueue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.synthetic.SyntheticDirectory;
import java.util.Map;

/** The root, the one directory: every queue by its name without the slash. */
final class MqueueDirectory extends SyntheticDirectory {
  private static final int STICKY_FOR_ALL = 01777;
  private static final int ENTRY_SIZE = 20;

  private final MqueueFilesystem filesystem;

  MqueueDirectory(MqueueFilesystem filesystem) {
    super(filesystem, filesystem.newInodeNumber(), STICKY_FOR_ALL);
    this.filesystem = filesystem;
  }

  @Override
  public Inode lookup(String name) {
    return filesystem.find(name);
  }

  /** open(2) with O_CREAT: a queue with the standard attributes. Linux makes nothing else here. */
  @Override
  public Inode create(String name, int mode, long rdev, Credentials owner) {
    if (!FileMode.isRegular(mode)) {
      throw Errno.EPERM.exception();
    }
    return filesystem.createQueue(name, mode, null, owner, Long.MAX_VALUE);
  }

  @Override
  public void unlink(String name) {
    filesystem.unlink(name);
  }

  @Override
  protected long size() {
    return (long) ENTRY_SIZE * filesystem.queueCount();
  }

  @Override
  protected void list(long position, DirectorySink sink) {
    int type = FileMode.direntType(FileMode.S_IFREG);
    for (Map.Entry<String, MqueueInode> e : filesystem.inOrder()) {
      long at = FIRST_POSITION + e.getValue().ino();
      if (at >= position && !sink.entry(e.getKey(), e.getValue().ino(), type, at + 1)) {
        return;
      }
    }
  }
}
