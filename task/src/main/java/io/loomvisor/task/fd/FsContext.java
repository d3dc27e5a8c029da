package io.loomvisor.task.fd;

import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.MountNamespace;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Root directory, working directory and umask of a process, or of several that share them
 * (CLONE_FS). Each field changes alone and atomically. The mounts of both directories count as used
 * until the last sharer has called {@link #release}.
 */
public final class FsContext {
  private final AtomicInteger sharers = new AtomicInteger(1);
  private final AtomicReference<VfsPath> root;
  private final AtomicReference<VfsPath> workingDirectory;
  private volatile MountNamespace namespace;
  private volatile int umask;

  /** With one sharer: the caller. */
  public FsContext(MountNamespace namespace, VfsPath root, VfsPath workingDirectory, int umask) {
    root.mount().retain();
    workingDirectory.mount().retain();
    namespace.retain();
    this.namespace = namespace;
    this.root = new AtomicReference<>(root);
    this.workingDirectory = new AtomicReference<>(workingDirectory);
    this.umask = umask;
  }

  public FsContext copy() {
    return new FsContext(namespace, root(), workingDirectory(), umask);
  }

  /** Counts one more sharer; returns this. */
  public FsContext share() {
    sharers.incrementAndGet();
    return this;
  }

  public boolean shared() {
    return sharers.get() > 1;
  }

  /** A sharer goes. */
  public void release() {
    if (sharers.decrementAndGet() == 0) {
      root().mount().release();
      workingDirectory().mount().release();
      namespace.release();
    }
  }

  public MountNamespace namespace() {
    return namespace;
  }

  /** Own thread of its only sharer. */
  public void setNamespace(MountNamespace other) {
    MountNamespace old = namespace;
    other.retain();
    namespace = other;
    old.release();
  }

  public VfsPath root() {
    return root.get();
  }

  public void setRoot(VfsPath directory) {
    replace(root, directory);
  }

  public VfsPath workingDirectory() {
    return workingDirectory.get();
  }

  public void setWorkingDirectory(VfsPath directory) {
    replace(workingDirectory, directory);
  }

  private static void replace(AtomicReference<VfsPath> field, VfsPath directory) {
    directory.mount().retain();
    field.getAndSet(directory).mount().release();
  }

  /** pivot_root(2): whoever is in the old root directory comes to be in the new one. */
  public void pivot(VfsPath oldRoot, VfsPath newRoot) {
    if (root().equals(oldRoot)) {
      setRoot(newRoot);
    }
    if (workingDirectory().equals(oldRoot)) {
      setWorkingDirectory(newRoot);
    }
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
