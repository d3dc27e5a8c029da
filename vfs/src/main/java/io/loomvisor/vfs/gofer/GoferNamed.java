package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.FileStat;

/** A file that the gofer knows by its names alone. */
abstract class GoferNamed extends GoferInode {
  GoferNamed(GoferFilesystem filesystem, FileStat host) {
    super(filesystem, host);
  }

  @Override
  final FileStat refreshed() {
    return fs().call(this::refreshedHeld);
  }
}
