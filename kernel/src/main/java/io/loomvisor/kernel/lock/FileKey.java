package io.loomvisor.kernel.lock;

import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.vfs.FileDescription;

/** What locks are attached to: a file, however it was opened. */
public record FileKey(long device, long inode) {
  public static FileKey of(FileDescription description) {
    FileStat s = description.stat();
    return new FileKey(s.dev(), s.ino());
  }
}
