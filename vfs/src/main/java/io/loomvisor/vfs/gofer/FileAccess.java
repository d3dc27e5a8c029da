package io.loomvisor.vfs.gofer;

/** Who may change a tree of the gofer (gVisor: --file-access). */
public enum FileAccess {
  /**
   * This file system alone, or nobody: names and attributes are heard once. What the host changes
   * inside a file of a read-only tree shows when it is opened next.
   */
  EXCLUSIVE,

  /**
   * Others too, at any time: names are asked for again by each walk, attributes by each call that
   * shows them, and contents are the host's. Only mapped pages are copies.
   */
  SHARED
}
