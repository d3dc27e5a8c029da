package io.loomvisor.runtime.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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

  private static final int NR_CLOSE = 3;
  private static final int NR_CHDIR = 80;
  private static final int NR_MKDIR = 83;
  private static final int NR_PIVOT_ROOT = 155;
  private static final int NR_MOUNT = 165;
  private static final int NR_UMOUNT2 = 166;
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
    mount("making mounts private", "none", "/", null, MS_REC | MS_PRIVATE, null);
  }

  public static void mountTmpfs(String place, int flags, String options) throws IOException {
    mount("mount tmpfs on " + place, "none", place, "tmpfs", flags, options);
  }

  private static void mount(
      String what, String source, String place, String type, long flags, String options)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Syscall.call(
          arena,
          what,
          NR_MOUNT,
          Syscall.string(arena, source),
          Syscall.string(arena, place),
          Syscall.string(arena, type),
          flags,
          Syscall.string(arena, options));
    }
  }

  /** A descriptor of a copy of the mounts at and below {@code path}, attached nowhere. */
  public static int cloneTree(String path, boolean readOnly) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE;
      int fd =
          (int)
              Syscall.call(
                  arena,
                  "open_tree " + path,
                  NR_OPEN_TREE,
                  AT_FDCWD,
                  Syscall.string(arena, path),
                  flags);
      if (readOnly) {
        makeReadOnly(arena, path, fd);
      }
      return fd;
    }
  }

  private static void makeReadOnly(Arena arena, String path, int tree) throws IOException {
    // struct mount_attr: attr_set 0, attr_clr 8, propagation 16, userns_fd 24.
    MemorySegment attributes = arena.allocate(MOUNT_ATTR_SIZE, 8);
    attributes.set(ValueLayout.JAVA_LONG, 0, MOUNT_ATTR_RDONLY);
    Syscall.call(
        arena,
        "mount_setattr " + path,
        NR_MOUNT_SETATTR,
        tree,
        Syscall.string(arena, ""),
        AT_EMPTY_PATH | AT_RECURSIVE,
        attributes.address(),
        MOUNT_ATTR_SIZE);
  }

  /** Attaches what {@link #cloneTree} gave at {@code place} and closes the descriptor. */
  public static void attach(int tree, String place) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Syscall.call(
          arena,
          "move_mount to " + place,
          NR_MOVE_MOUNT,
          tree,
          Syscall.string(arena, ""),
          AT_FDCWD,
          Syscall.string(arena, place),
          MOVE_MOUNT_F_EMPTY_PATH);
      Syscall.call(arena, "close", NR_CLOSE, tree);
    }
  }

  public static void makeDirectory(String path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Syscall.call(arena, "mkdir " + path, NR_MKDIR, Syscall.string(arena, path), 0755);
    }
  }

  /**
   * Makes the mount at {@code place} the root of every thread, detaches all that was mounted before
   * (pivot_root(2), notes), and makes the root read-only. What is open or mapped stays so.
   */
  public static void enterRoot(String place) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      String what = "pivot_root to " + place;
      long here = Syscall.string(arena, ".");
      Syscall.call(arena, what, NR_CHDIR, Syscall.string(arena, place));
      Syscall.call(arena, what, NR_PIVOT_ROOT, here, here);
      Syscall.call(arena, what, NR_UMOUNT2, here, MNT_DETACH);
      Syscall.call(arena, what, NR_CHDIR, Syscall.string(arena, "/"));
    }
    int flags = MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
    mount("making the root read-only", "none", "/", null, flags, null);
  }
}
