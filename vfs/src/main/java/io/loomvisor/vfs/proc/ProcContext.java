package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.MountNamespace;

/** What the files of one proc mount draw on. */
record ProcContext(ProcessTable processes, SystemView system, NetworkView network, FileTree tree) {
  /** Clock ticks per second of /proc (USER_HZ). */
  static final long USER_HZ = 100;

  private static final long NANOS_PER_TICK = 1_000_000_000L / USER_HZ;

  static long ticks(long nanos) {
    return nanos / NANOS_PER_TICK;
  }

  /**
   * The path of {@code file} as {@code viewer} would name it; files outside its root are named from
   * their own root.
   */
  String nameOf(VfsPath file, ProcessView viewer) {
    VfsPath root = viewer == null ? null : viewer.root();
    String name = root == null ? null : tree.pathOf(file, root);
    if (name != null) {
      return name;
    }
    MountNamespace mounts = viewer == null ? null : viewer.mounts();
    name = mounts == null ? null : tree.pathOf(file, mounts.root());
    if (name != null) {
      return name;
    }
    // Of a mount of the kernel's own.
    return "/" + file.dentry().name() + (file.dentry().deleted() ? " (deleted)" : "");
  }
}
