package io.loomvisor.vfs.tmpfs;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.KernelMemory;
import java.util.List;
import java.util.TreeMap;

/**
 * The extended attributes of one file (xattr(7)). Not thread-safe: owned by {@link TmpFilesystem}.
 */
final class Xattrs {
  static final int XATTR_CREATE = 1;
  static final int XATTR_REPLACE = 2;

  /** Names and values of one file together, in bytes; ENOSPC beyond. */
  private static final int CAPACITY = 256 * 1024;

  private final TreeMap<String, byte[]> values = new TreeMap<>();
  private final KernelMemory memory;
  private int used;

  /**
   * @param memory what attributes are taken from; who ends the file gives {@link #used} back
   */
  Xattrs(KernelMemory memory) {
    this.memory = memory;
  }

  int used() {
    return used;
  }

  /** EOPNOTSUPP for the name spaces that tmpfs does not keep (system.posix_acl_… among them). */
  static void checkName(String name) {
    boolean kept =
        name.startsWith("user.") || name.startsWith("trusted.") || name.startsWith("security.");
    if (!kept) {
      throw Errno.EOPNOTSUPP.exception();
    }
    if (name.endsWith(".") && name.indexOf('.') == name.length() - 1) {
      throw Errno.EINVAL.exception();
    }
  }

  byte[] get(String name) {
    byte[] v = values.get(name);
    if (v == null) {
      throw Errno.ENODATA.exception();
    }
    return v.clone();
  }

  void set(String name, byte[] value, int flags) {
    byte[] old = values.get(name);
    if ((flags & XATTR_CREATE) != 0 && old != null) {
      throw Errno.EEXIST.exception();
    }
    if ((flags & XATTR_REPLACE) != 0 && old == null) {
      throw Errno.ENODATA.exception();
    }
    int after = used + value.length + (old == null ? name.length() : -old.length);
    if (after > CAPACITY) {
      throw Errno.ENOSPC.exception();
    }
    int more = after - used;
    if (more > 0) {
      memory.take(more, Errno.ENOSPC);
    } else {
      memory.give(-more);
    }
    values.put(name, value.clone());
    used = after;
  }

  void remove(String name) {
    byte[] old = values.remove(name);
    if (old == null) {
      throw Errno.ENODATA.exception();
    }
    int less = old.length + name.length();
    memory.give(less);
    used -= less;
  }

  List<String> names() {
    return List.copyOf(values.keySet());
  }
}
