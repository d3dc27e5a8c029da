package io.loomvisor.runtime.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.IOException;

/**
 * Mounting in this process's mount namespace: mount(2), the descriptors of open_tree(2),
 * pivot_root(2).
 */
public final class MountCalls {
  public static final int MS_RDONLY = 1;
  public static final int MS_NOSUID = 2;
  public static final int MS_NODEV = 4;
  public static final int MS_NOEXEC = 8;

  private static final int MS_REMOUNT = 32;
  private static final int MS_REC = 0x4000;
  private static final int MS_PRIVATE = 0x4_0000;

  private static final int NR_PIVOT_ROOT = 155;
  private static final int NR_OPEN_TREE = 428;
  private static final int NR_MOVE_MOUNT = 429;
  private static final int NR_MOUNT_SETATTR = 442;

  private static final int AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_RECURSIVE = 0x8000;
  private static final int OPEN_TREE_CLONE = 1;
  private static final int OPEN_TREE_CLOEXEC = 02000000;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final long MOUNT_ATTR_RDONLY = 1;
  private static final int MOUNT_ATTR_SIZE = 32;
  private static final int MNT_DETACH = 2;

  private MountCalls() {}

  /** From now on no mount made here shows in another namespace, nor the other way round. */
  public static void makePrivate() throws IOException {
    try {
      Libc.mount("none", "/", null, MS_REC | MS_PRIVATE, null);
    } catch (LastErrorException e) {
      throw failed("making mounts private", e);
    }
  }

  public static void mountTmpfs(String place, int flags, String options) throws IOException {
    try {
      Libc.mount("none", place, "tmpfs", flags, options);
    } catch (LastErrorException e) {
      throw failed("mount tmpfs on " + place, e);
    }
  }

  /** A descriptor of a copy of the mounts at and below {@code path}, attached nowhere. */
  public static int cloneTree(String path, boolean readOnly) throws IOException {
    int fd;
    try {
      int flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE;
      fd = (int) Libc.syscall(NR_OPEN_TREE, AT_FDCWD, path, flags);
    } catch (LastErrorException e) {
      throw failed("open_tree " + path, e);
    }
    if (readOnly) {
      // struct mount_attr: attr_set 0, attr_clr 8, propagation 16, userns_fd 24.
      try (Memory attributes = new Memory(MOUNT_ATTR_SIZE)) {
        attributes.clear();
        attributes.setLong(0, MOUNT_ATTR_RDONLY);
        Libc.syscall(
            NR_MOUNT_SETATTR, fd, "", AT_EMPTY_PATH | AT_RECURSIVE, attributes, MOUNT_ATTR_SIZE);
      } catch (LastErrorException e) {
        Libc.close(fd);
        throw failed("mount_setattr " + path, e);
      }
    }
    return fd;
  }

  /** Attaches what {@link #cloneTree} gave at {@code place} and closes the descriptor. */
  public static void attach(int tree, String place) throws IOException {
    try {
      Libc.syscall(NR_MOVE_MOUNT, tree, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH);
    } catch (LastErrorException e) {
      throw failed("move_mount to " + place, e);
    } finally {
      Libc.close(tree);
    }
  }

  public static void makeDirectory(String path) throws IOException {
    try {
      Libc.mkdir(path, 0755);
    } catch (LastErrorException e) {
      throw failed("mkdir " + path, e);
    }
  }

  /**
   * Makes the mount at {@code place} the root of every thread, detaches all that was mounted before
   * (pivot_root(2), notes), and makes the root read-only. What is open or mapped stays so.
   */
  public static void enterRoot(String place) throws IOException {
    try {
      Libc.chdir(place);
      Libc.syscall(NR_PIVOT_ROOT, ".", ".");
      Libc.umount2(".", MNT_DETACH);
      Libc.chdir("/");
      Libc.mount(
          "none", "/", null, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, null);
    } catch (LastErrorException e) {
      throw failed("pivot_root to " + place, e);
    }
  }

  private static IOException failed(String what, LastErrorException e) {
    return new IOException(what + ": " + e.getMessage(), e);
  }
}
