package io.loomvisor.gofer.host;

import static io.loomvisor.gofer.host.DescriptorCalls.check;

import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.HostCall.Scratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Host calls on single names below a directory descriptor. For the gofer alone. No call follows a
 * symbolic link in the name; the caller has checked that a name has no slash and is not "..". "."
 * means the directory itself.
 *
 * <p>Calls throw {@link io.loomvisor.gofer.abi.LinuxException} with the host's errno. Names are ISO
 * 8859-1.
 */
public final class DirectoryCalls {
  private static final int NR_FCHMOD = 91;
  private static final int NR_UMASK = 95;
  private static final int NR_GETEUID = 107;
  private static final int NR_FSTATFS = 138;
  private static final int NR_FSETXATTR = 190;
  private static final int NR_FGETXATTR = 193;
  private static final int NR_FLISTXATTR = 196;
  private static final int NR_FREMOVEXATTR = 199;
  private static final int NR_GETDENTS64 = 217;
  private static final int NR_OPENAT = 257;
  private static final int NR_MKDIRAT = 258;
  private static final int NR_MKNODAT = 259;
  private static final int NR_FCHOWNAT = 260;
  private static final int NR_UNLINKAT = 263;
  private static final int NR_LINKAT = 265;
  private static final int NR_SYMLINKAT = 266;
  private static final int NR_READLINKAT = 267;
  private static final int NR_UTIMENSAT = 280;
  private static final int NR_RENAMEAT2 = 316;
  private static final int NR_STATX = 332;
  private static final int NR_FCHMODAT2 = 452;

  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int AT_NO_AUTOMOUNT = 0x800;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_BASIC_STATS_AND_BTIME = 0xfff;
  private static final long UTIME_OMIT = 0x3ffffffe;
  private static final int XATTR_LIMIT = 64 << 10;

  // Scratch layout: a first name or buffer at 0, a second name at SECOND.
  private static final int SECOND = 6 << 10;
  private static final int PATH_MAX = 4096;

  private DirectoryCalls() {}

  /** openat(2); O_NOFOLLOW and O_CLOEXEC are added. */
  public static int open(int directory, String name, int flags, int mode) {
    int all = flags | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;
    return (int) named(NR_OPENAT, directory, name, all, mode);
  }

  /**
   * Attributes of {@code name}, or of {@code descriptor} itself if the name is empty. {@code dev}
   * is the host's.
   */
  public static FileStat stat(int descriptor, String name) {
    Scratch s = Scratch.take();
    try {
      int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (name.isEmpty() ? AT_EMPTY_PATH : 0);
      long at = s.memory.address();
      check(
          HostCall.call(
              s,
              NR_STATX,
              descriptor,
              s.name(SECOND, name),
              flags,
              STATX_BASIC_STATS_AND_BTIME,
              at,
              0));
      return decodeStatx(s.memory);
    } finally {
      s.give();
    }
  }

  /** struct statx, include/uapi/linux/stat.h. */
  private static FileStat decodeStatx(MemorySegment m) {
    return new FileStat(
        device(m.get(ValueLayout.JAVA_INT, 136), m.get(ValueLayout.JAVA_INT, 140)),
        m.get(ValueLayout.JAVA_LONG, 32),
        m.get(ValueLayout.JAVA_SHORT, 28) & 0xffff,
        m.get(ValueLayout.JAVA_INT, 16) & 0xffffffffL,
        m.get(ValueLayout.JAVA_INT, 20),
        m.get(ValueLayout.JAVA_INT, 24),
        device(m.get(ValueLayout.JAVA_INT, 128), m.get(ValueLayout.JAVA_INT, 132)),
        m.get(ValueLayout.JAVA_LONG, 40),
        m.get(ValueLayout.JAVA_INT, 4),
        m.get(ValueLayout.JAVA_LONG, 48),
        time(m, 64),
        time(m, 112),
        time(m, 96),
        time(m, 80));
  }

  private static FileTime time(MemorySegment m, int offset) {
    return new FileTime(
        m.get(ValueLayout.JAVA_LONG, offset), m.get(ValueLayout.JAVA_INT, offset + 8));
  }

  /** makedev(3): the 64-bit dev_t of glibc and statx users. */
  private static long device(int major, int minor) {
    long ma = major & 0xffffffffL;
    long mi = minor & 0xffffffffL;
    return (ma & 0xfffff000L) << 32 | (ma & 0xfff) << 8 | (mi & 0xffffff00L) << 12 | mi & 0xff;
  }

  /** Raw linux_dirent64 records into native {@code target}; bytes filled, 0 at the end. */
  public static int readDirectory(int fd, MemorySegment target) {
    return (int)
        check(HostCall.call(NR_GETDENTS64, fd, target.address(), target.byteSize(), 0, 0, 0));
  }

  public static String readlink(int directory, String name) {
    Scratch s = Scratch.take();
    try {
      long at = s.memory.address();
      int n =
          (int)
              check(
                  HostCall.call(
                      s, NR_READLINKAT, directory, s.name(SECOND, name), at, PATH_MAX, 0, 0));
      byte[] bytes = s.memory.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
      return new String(bytes, StandardCharsets.ISO_8859_1);
    } finally {
      s.give();
    }
  }

  public static void makeDirectory(int directory, String name, int mode) {
    named(NR_MKDIRAT, directory, name, mode, 0);
  }

  public static void makeNode(int directory, String name, int mode, long rdev) {
    named(NR_MKNODAT, directory, name, mode, rdev);
  }

  public static void makeSymlink(String target, int directory, String name) {
    Scratch s = Scratch.take();
    try {
      check(
          HostCall.call(
              s, NR_SYMLINKAT, s.name(0, target), directory, s.name(SECOND, name), 0, 0, 0));
    } finally {
      s.give();
    }
  }

  public static void link(int oldDirectory, String oldName, int newDirectory, String newName) {
    twoNames(NR_LINKAT, oldDirectory, oldName, newDirectory, newName, 0);
  }

  /** renameat2(2). */
  public static void rename(
      int oldDirectory, String oldName, int newDirectory, String newName, int flags) {
    twoNames(NR_RENAMEAT2, oldDirectory, oldName, newDirectory, newName, flags);
  }

  public static void unlink(int directory, String name, boolean isDirectory) {
    named(NR_UNLINKAT, directory, name, isDirectory ? AT_REMOVEDIR : 0, 0);
  }

  public static void changeOwner(int directory, String name, int uid, int gid) {
    Scratch s = Scratch.take();
    try {
      check(
          HostCall.call(
              s, NR_FCHOWNAT, directory, s.name(0, name), uid, gid, AT_SYMLINK_NOFOLLOW, 0));
    } finally {
      s.give();
    }
  }

  /** fchmodat2(2), Linux 6.6; ENOSYS before. */
  public static void changeMode(int directory, String name, int mode) {
    named(NR_FCHMODAT2, directory, name, mode, AT_SYMLINK_NOFOLLOW);
  }

  public static void changeMode(int fd, int mode) {
    check(HostCall.call(NR_FCHMOD, fd, mode, 0, 0, 0, 0));
  }

  /** utimensat(2); null leaves a time as it is. */
  public static void changeTimes(int directory, String name, FileTime atime, FileTime mtime) {
    Scratch s = Scratch.take();
    try {
      putTime(s.memory, 0, atime);
      putTime(s.memory, 16, mtime);
      long times = s.memory.address();
      check(
          HostCall.call(
              s, NR_UTIMENSAT, directory, s.name(SECOND, name), times, AT_SYMLINK_NOFOLLOW, 0, 0));
    } finally {
      s.give();
    }
  }

  private static void putTime(MemorySegment m, int offset, FileTime time) {
    m.set(ValueLayout.JAVA_LONG, offset, time == null ? 0 : time.seconds());
    m.set(ValueLayout.JAVA_LONG, offset + 8, time == null ? UTIME_OMIT : time.nanos());
  }

  /** fstatfs(2), struct statfs of x86-64. */
  public static FileSystemStat statFileSystem(int fd) {
    Scratch s = Scratch.take();
    try {
      check(HostCall.call(s, NR_FSTATFS, fd, s.memory.address(), 0, 0, 0, 0));
      long[] w = s.memory.asSlice(0, 11 * 8).toArray(ValueLayout.JAVA_LONG);
      return new FileSystemStat(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8], w[9], w[10]);
    } finally {
      s.give();
    }
  }

  /** fgetxattr(2) with room for the largest value. */
  public static byte[] getXattr(int fd, String name, MemorySegment buffer) {
    return attribute(NR_FGETXATTR, fd, name, buffer);
  }

  /** flistxattr(2): NUL-terminated names. */
  public static byte[] listXattr(int fd, MemorySegment buffer) {
    long max = Math.min(buffer.byteSize(), XATTR_LIMIT);
    long n = check(HostCall.call(NR_FLISTXATTR, fd, buffer.address(), max, 0, 0, 0));
    return buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
  }

  private static byte[] attribute(int number, int fd, String name, MemorySegment buffer) {
    Scratch s = Scratch.take();
    try {
      long max = Math.min(buffer.byteSize(), XATTR_LIMIT);
      long n = check(HostCall.call(s, number, fd, s.name(0, name), buffer.address(), max, 0, 0));
      return buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
    } finally {
      s.give();
    }
  }

  /** fsetxattr(2) from a native segment. */
  public static void setXattr(int fd, String name, MemorySegment value, int flags) {
    Scratch s = Scratch.take();
    try {
      check(
          HostCall.call(
              s, NR_FSETXATTR, fd, s.name(0, name), value.address(), value.byteSize(), flags, 0));
    } finally {
      s.give();
    }
  }

  public static void removeXattr(int fd, String name) {
    named(NR_FREMOVEXATTR, fd, name, 0, 0);
  }

  /** umask(2) of this process. */
  public static void setUmask(int mask) {
    check(HostCall.call(NR_UMASK, mask, 0, 0, 0, 0, 0));
  }

  public static int effectiveUid() {
    return (int) check(HostCall.call(NR_GETEUID, 0, 0, 0, 0, 0, 0));
  }

  private static long named(int number, int directory, String name, long third, long fourth) {
    Scratch s = Scratch.take();
    try {
      return check(HostCall.call(s, number, directory, s.name(0, name), third, fourth, 0, 0));
    } finally {
      s.give();
    }
  }

  private static void twoNames(int number, int a, String nameA, int b, String nameB, long flags) {
    Scratch s = Scratch.take();
    try {
      check(HostCall.call(s, number, a, s.name(0, nameA), b, s.name(SECOND, nameB), flags, 0));
    } finally {
      s.give();
    }
  }
}
