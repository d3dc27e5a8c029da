package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.FileStat;

/** The identity of a file on the host. */
record HostFile(long dev, long ino) {
  static HostFile of(FileStat stat) {
    return new HostFile(stat.dev(), stat.ino());
  }
}
