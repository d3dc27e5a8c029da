package io.loomvisor.task.fd;

import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.MountNamespace;

/**
 * Root directory, working directory and umask of a process, or of several that share them (CLONE_FS). Each field changes
 * alone and atomically.
 */
public final class FsContext {
  private volatile MountNamespace namespace;
  private volatile VfsPath root;
  private volatile VfsPath workingDirectory;
  private volatile int umask;

  public FsContext(MountNamespace namespace, VfsPath root, VfsPath workingDirectory, int umask) {
    this.namespace = namespace;
    this.root = root;
    this.workingDirectory = workingDirectory;
    this.umask = umask;
  }

  public FsContext copy() {
    return new FsContext(namespace, root, workingDirectory, umask);
  }

  public MountNamespace namespace() {
    return namespace;
  }

  public void setNamespace(MountNamespace namespace) {
    this.namespace = namespace;
  }

  public VfsPath root() {
    return root;
  }

  public void setRoot(VfsPath root) {
    this.root = root;
  }

  public VfsPath workingDirectory() {
    return workingDirectory;
  }

  public void setWorkingDirectory(VfsPath directory) {
    this.workingDirectory = directory;
  }

  public int umask() {
    return umask;
  }

  /** Sets the umask (permission bits only) and returns the old one. */
  public int setUmask(int mask) {
    int old = umask;
    umask = mask & 0777;
    return old;
  }
}
