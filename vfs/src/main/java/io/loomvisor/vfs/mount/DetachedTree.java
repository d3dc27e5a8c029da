package io.loomvisor.vfs.mount;

import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;

/** Mounts that are attached nowhere yet; what opens them must end in a description. */
public final class DetachedTree {
  private final MountNamespace tree;

  DetachedTree(MountNamespace tree) {
    this.tree = tree;
  }

  /**
   * An O_PATH description of its root. When it is closed the tree goes, unless it has been attached
   * somewhere.
   */
  public FileDescription open() {
    VfsPath root = new VfsPath(tree.rootMount(), tree.rootMount().root());
    return new Root(tree, root);
  }

  private static final class Root extends PathDescription {
    private final MountNamespace tree;

    Root(MountNamespace tree, VfsPath root) {
      super(root, OpenFlags.O_PATH);
      this.tree = tree;
    }

    @Override
    protected void onRelease() {
      super.onRelease();
      tree.dissolve();
    }
  }
}
