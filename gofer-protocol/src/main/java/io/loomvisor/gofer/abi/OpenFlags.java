package io.loomvisor.gofer.abi;

/** Flags of open(2), x86-64 values (include/uapi/asm-generic/fcntl.h). */
public final class OpenFlags {
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_ACCMODE = 3;
  public static final int O_CREAT = 0100;
  public static final int O_EXCL = 0200;
  public static final int O_NOCTTY = 0400;
  public static final int O_TRUNC = 01000;
  public static final int O_APPEND = 02000;
  public static final int O_NONBLOCK = 04000;
  public static final int O_DSYNC = 010000;
  public static final int O_ASYNC = 020000;
  public static final int O_DIRECT = 040000;
  public static final int O_LARGEFILE = 0100000;
  public static final int O_DIRECTORY = 0200000;
  public static final int O_NOFOLLOW = 0400000;
  public static final int O_NOATIME = 01000000;
  public static final int O_CLOEXEC = 02000000;
  public static final int O_SYNC = 04010000;
  public static final int O_PATH = 010000000;
  public static final int O_TMPFILE = 020200000;

  private OpenFlags() {}

  public static boolean readable(int flags) {
    return (flags & O_ACCMODE) != O_WRONLY && (flags & O_PATH) == 0;
  }

  public static boolean writable(int flags) {
    return (flags & O_ACCMODE) != O_RDONLY && (flags & O_PATH) == 0;
  }
}
