package io.loomvisor.vfs.socket.unix;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.WalkContext;
import java.util.concurrent.atomic.AtomicReference;

/** The name of one socket, which it gets at most once. One reference, swapped; any thread. */
final class BoundName {
  private static final int PERMISSIONS = 0777;

  /** Of a path also the file, which counts as used. */
  private record Bound(UnixAddress address, VfsPath file) {}

  /** While bind(2) works: no other may begin. */
  private static final Bound BINDING = new Bound(null, null);

  private final UnixSockets family;
  private final UnixSocket socket;
  private final AtomicReference<Bound> bound = new AtomicReference<>();

  BoundName(UnixSockets family, UnixSocket socket) {
    this.family = family;
    this.socket = socket;
  }

  /** Null if it has none. */
  UnixAddress address() {
    Bound b = bound.get();
    return b == null ? null : b.address;
  }

  /** The file of a path; null if it has none. */
  VfsPath file() {
    Bound b = bound.get();
    return b == null ? null : b.file;
  }

  /** Shows the name of a listener, without being bound to it. */
  void share(UnixAddress listener) {
    bound.set(listener == null ? null : new Bound(listener, null));
  }

  /** EINVAL if it has a name, EADDRINUSE if somebody else has this one. */
  void bind(WalkContext context, UnixAddress address) {
    if (!bound.compareAndSet(null, BINDING)) {
      // As on Linux the file is made first: a path that exists is the error that is told.
      if (!address.isAbstract()) {
        family.checkFree(context, address.name());
      }
      throw Errno.EINVAL.exception();
    }
    Bound now = null;
    try {
      now = address.isAbstract() ? bindAbstract(address) : bindFile(context, address);
    } finally {
      bound.set(now);
    }
  }

  private Bound bindAbstract(UnixAddress address) {
    family.names().bind(socket.type(), address.name(), socket);
    return new Bound(address, null);
  }

  private Bound bindFile(WalkContext context, UnixAddress address) {
    int permissions = socket.inode().mode() & PERMISSIONS;
    VfsPath file = family.makeFile(context, address.name(), permissions);
    file.mount().retain();
    file.inode().pin();
    family.names().bind(file.inode(), socket);
    return new Bound(address, file);
  }

  /** Gives it a name of the kernel's choice, unless it has one (unix_autobind). */
  void choose() {
    if (bound.compareAndSet(null, BINDING)) {
      Bound now = null;
      try {
        now = new Bound(new UnixAddress(family.names().choose(socket.type(), socket)), null);
      } finally {
        bound.set(now);
      }
    }
  }

  /** The socket is closed. */
  void release() {
    Bound b = bound.get();
    if (b == null || b.address == null) {
      return;
    }
    if (b.file != null) {
      family.names().unbind(b.file.inode(), socket);
      b.file.inode().unpin();
      b.file.mount().release();
    } else {
      family.names().unbind(socket.type(), b.address.name(), socket);
    }
  }
}
