package io.loomvisor.vfs.mount;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.VfsPath;

/** A mount tree (mount_namespaces(7)). */
public final class MountNamespace extends Actor {
  private final Mount root;

  public MountNamespace(Filesystem rootFilesystem, String source, int flags) {
    super(Rank.MOUNTS);
    root = new Mount(1, rootFilesystem, new Dentry(null, "", rootFilesystem.root()), source, flags, null);
  }

  public Mount rootMount() {
    return root;
  }

  /** The root directory of the tree. */
  public VfsPath root() {
    return new VfsPath(root, root.root());
  }
}
