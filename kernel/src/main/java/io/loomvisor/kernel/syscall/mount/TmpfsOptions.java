package io.loomvisor.kernel.syscall.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.tmpfs.TmpFilesystem;

/** The mount options of tmpfs (tmpfs(5)). */
public final class TmpfsOptions {
  private static final long MAX_PAGES = 1L << 40;

  private final long memory;
  private long pages;
  private long inodes;
  private int mode = 01777;
  private int uid;
  private int gid;

  private TmpfsOptions(long memory) {
    this.memory = memory;
    pages = memory / PageStore.PAGE_SIZE / 2;
    inodes = pages;
  }

  /**
   * Without options: half of the memory, one inode per page.
   *
   * @param memory of the sandbox, in bytes
   * @throws io.loomvisor.gofer.abi.LinuxException EINVAL for an unknown option or a wrong value
   */
  public static TmpFilesystem.Options parse(String text, long memory) {
    TmpfsOptions o = new TmpfsOptions(memory);
    for (String option : text.split(",")) {
      if (!option.isEmpty()) {
        int equals = option.indexOf('=');
        o.set(
            equals < 0 ? option : option.substring(0, equals),
            equals < 0 ? "" : option.substring(equals + 1));
      }
    }
    return new TmpFilesystem.Options(o.pages, o.inodes, o.mode, o.uid, o.gid);
  }

  private void set(String name, String value) {
    switch (name) {
      case "size" ->
          pages = unlimitedIfZero(value.endsWith("%") ? percent(value) : pages(amount(value)));
      case "nr_blocks" -> pages = unlimitedIfZero(amount(value));
      case "nr_inodes" -> inodes = unlimitedIfZero(amount(value));
      case "mode" -> mode = (int) number(value, 8) & FileMode.PERMISSIONS;
      case "uid" -> uid = (int) number(value, 10);
      case "gid" -> gid = (int) number(value, 10);
      case "huge", "mpol" -> requireValue(value);
      // The selinux label that container engines add, and flags without meaning here.
      case "inode32", "inode64", "noswap", "context", "rootcontext" -> {}
      default -> throw Errno.EINVAL.exception();
    }
  }

  private static void requireValue(String value) {
    if (value.isEmpty()) {
      throw Errno.EINVAL.exception();
    }
  }

  private static long unlimitedIfZero(long n) {
    return n == 0 ? MAX_PAGES : Math.min(n, MAX_PAGES);
  }

  private long percent(String value) {
    long p = number(value.substring(0, value.length() - 1), 10);
    return p > 100 ? MAX_PAGES : Math.max(1, memory / 100 * p / PageStore.PAGE_SIZE);
  }

  private static long pages(long bytes) {
    return (bytes + PageStore.PAGE_SIZE - 1) / PageStore.PAGE_SIZE;
  }

  /** A number with k, m, g or t behind it (memparse of lib/cmdline.c). */
  private static long amount(String value) {
    requireValue(value);
    int shift =
        switch (Character.toLowerCase(value.charAt(value.length() - 1))) {
          case 'k' -> 10;
          case 'm' -> 20;
          case 'g' -> 30;
          case 't' -> 40;
          default -> 0;
        };
    long n = number(shift == 0 ? value : value.substring(0, value.length() - 1), 10);
    if (n > Long.MAX_VALUE >> shift + 13) {
      throw Errno.EINVAL.exception();
    }
    return n << shift;
  }

  private static long number(String value, int radix) {
    try {
      long n = Long.parseLong(value, radix);
      if (n >= 0 && Character.digit(value.charAt(0), radix) >= 0) {
        return n;
      }
    } catch (NumberFormatException e) {
      throw Errno.EINVAL.exception();
    }
    throw Errno.EINVAL.exception();
  }
}
