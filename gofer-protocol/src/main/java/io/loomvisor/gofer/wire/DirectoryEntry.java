package io.loomvisor.gofer.wire;

import io.loomvisor.gofer.abi.FileStat;

/**
 * One entry of a directory.
 *
 * @param ino as getdents64(2) gives it: of the directory underneath where something is mounted
 * @param type DT_ constant
 * @param stat attributes if they were asked for and the entry was still there; else null
 * @param target where it leads if it has attributes and is a symbolic link; else null
 */
public record DirectoryEntry(String name, long ino, int type, FileStat stat, String target) {
  /** One without attributes. */
  public DirectoryEntry(String name, long ino, int type) {
    this(name, ino, type, null, null);
  }
}
