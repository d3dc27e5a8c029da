package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.FileStat;

/** The identity of a file on the host. */
record HostFile(long dev, long ino) {
  static HostFile of(FileStat stat) {
    return new HostFile(stat.dev(), stat.ino());
  }

  // By hand, as a record's own ones are linked when they are first called: 20 classes are made for
  // that while a sandbox starts.

  @Override
  public boolean equals(Object o) {
    return o instanceof HostFile other && dev == other.dev && ino == other.ino;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(dev) * 31 + Long.hashCode(ino);
  }
}
