package io.loomvisor.kernel.strace;

/** Names of files' constants (include/uapi/linux/fcntl.h, stat.h, fs.h). */
final class FileNames {
  private static final Names ACCESS_MODE =
      Names.choice("O_", "O_RDONLY 0", "O_WRONLY 1", "O_RDWR 2", "O_ACCMODE 3");

  private static final Names.Flags OPEN_FLAGS =
      (Names.Flags)
          Names.flags(
              "O_",
              "O_CREAT 0100",
              "O_EXCL 0200",
              "O_NOCTTY 0400",
              "O_TRUNC 01000",
              "O_APPEND 02000",
              "O_NONBLOCK 04000",
              "O_SYNC 04010000",
              "O_DSYNC 010000",
              "FASYNC 020000",
              "O_DIRECT 040000",
              "O_LARGEFILE 0100000",
              "O_NOFOLLOW 0400000",
              "O_NOATIME 01000000",
              "O_CLOEXEC 02000000",
              "O_PATH 010000000",
              "O_TMPFILE 020200000",
              "O_DIRECTORY 0200000");

  private static final Names FILE_TYPE =
      Names.choice(
          "S_IF",
          "S_IFSOCK 0140000",
          "S_IFLNK 0120000",
          "S_IFREG 0100000",
          "S_IFBLK 060000",
          "S_IFDIR 040000",
          "S_IFCHR 020000",
          "S_IFIFO 010000");

  static final Names AT_FLAGS =
      Names.flags(
          "AT_",
          "AT_SYMLINK_NOFOLLOW 0x100",
          "AT_REMOVEDIR 0x200",
          "AT_SYMLINK_FOLLOW 0x400",
          "AT_NO_AUTOMOUNT 0x800",
          "AT_EMPTY_PATH 0x1000",
          "AT_STATX_FORCE_SYNC 0x2000",
          "AT_STATX_DONT_SYNC 0x4000");

  static final Names STATX_FLAGS =
      Names.flags(
          "AT_",
          "AT_STATX_SYNC_AS_STAT 0",
          "AT_SYMLINK_NOFOLLOW 0x100",
          "AT_NO_AUTOMOUNT 0x800",
          "AT_EMPTY_PATH 0x1000",
          "AT_STATX_FORCE_SYNC 0x2000",
          "AT_STATX_DONT_SYNC 0x4000");

  static final Names ACCESS_FLAGS =
      Names.flags("AT_", "AT_SYMLINK_NOFOLLOW 0x100", "AT_EACCESS 0x200", "AT_EMPTY_PATH 0x1000");

  static final Names ACCESS = Names.flags("?_OK", "F_OK 0", "R_OK 4", "W_OK 2", "X_OK 1");

  static final Names WHENCE =
      Names.choice("SEEK_", "SEEK_SET 0", "SEEK_CUR 1", "SEEK_END 2", "SEEK_DATA 3", "SEEK_HOLE 4");

  static final Names STATX_MASK =
      Names.flags(
          "STATX_",
          "STATX_ALL 0xfff",
          "STATX_BASIC_STATS 0x7ff",
          "STATX_TYPE 1",
          "STATX_MODE 2",
          "STATX_NLINK 4",
          "STATX_UID 8",
          "STATX_GID 0x10",
          "STATX_ATIME 0x20",
          "STATX_MTIME 0x40",
          "STATX_CTIME 0x80",
          "STATX_INO 0x100",
          "STATX_SIZE 0x200",
          "STATX_BLOCKS 0x400",
          "STATX_BTIME 0x800",
          "STATX_MNT_ID 0x1000",
          "STATX_DIOALIGN 0x2000");

  static final Names FCNTL =
      Names.choice(
          "F_",
          "F_DUPFD 0",
          "F_GETFD 1",
          "F_SETFD 2",
          "F_GETFL 3",
          "F_SETFL 4",
          "F_GETLK 5",
          "F_SETLK 6",
          "F_SETLKW 7",
          "F_SETOWN 8",
          "F_GETOWN 9",
          "F_SETSIG 10",
          "F_GETSIG 11",
          "F_SETOWN_EX 15",
          "F_GETOWN_EX 16",
          "F_OFD_GETLK 36",
          "F_OFD_SETLK 37",
          "F_OFD_SETLKW 38",
          "F_SETLEASE 1024",
          "F_GETLEASE 1025",
          "F_NOTIFY 1026",
          "F_DUPFD_CLOEXEC 1030",
          "F_SETPIPE_SZ 1031",
          "F_GETPIPE_SZ 1032",
          "F_ADD_SEALS 1033",
          "F_GET_SEALS 1034");

  static final Names FD_FLAGS = Names.flags("FD_", "FD_CLOEXEC 1");

  static final Names SEALS =
      Names.flags(
          "F_SEAL_",
          "F_SEAL_SEAL 1",
          "F_SEAL_SHRINK 2",
          "F_SEAL_GROW 4",
          "F_SEAL_WRITE 8",
          "F_SEAL_FUTURE_WRITE 16");

  static final Names LOCK_TYPE = Names.choice("F_", "F_RDLCK 0", "F_WRLCK 1", "F_UNLCK 2");

  static final Names FLOCK =
      Names.flags("LOCK_", "LOCK_SH 1", "LOCK_EX 2", "LOCK_NB 4", "LOCK_UN 8");

  static final Names FALLOCATE =
      Names.flags(
          "FALLOC_FL_",
          "FALLOC_FL_KEEP_SIZE 1",
          "FALLOC_FL_PUNCH_HOLE 2",
          "FALLOC_FL_COLLAPSE_RANGE 8",
          "FALLOC_FL_ZERO_RANGE 16",
          "FALLOC_FL_INSERT_RANGE 32",
          "FALLOC_FL_UNSHARE_RANGE 64");

  static final Names FADVISE =
      Names.choice(
          "POSIX_FADV_",
          "POSIX_FADV_NORMAL 0",
          "POSIX_FADV_RANDOM 1",
          "POSIX_FADV_SEQUENTIAL 2",
          "POSIX_FADV_WILLNEED 3",
          "POSIX_FADV_DONTNEED 4",
          "POSIX_FADV_NOREUSE 5");

  static final Names RENAME =
      Names.flags("RENAME_", "RENAME_NOREPLACE 1", "RENAME_EXCHANGE 2", "RENAME_WHITEOUT 4");

  static final Names SPLICE =
      Names.flags(
          "SPLICE_F_",
          "SPLICE_F_MOVE 1",
          "SPLICE_F_NONBLOCK 2",
          "SPLICE_F_MORE 4",
          "SPLICE_F_GIFT 8");

  static final Names CLOSE_RANGE =
      Names.flags("CLOSE_RANGE_", "CLOSE_RANGE_UNSHARE 2", "CLOSE_RANGE_CLOEXEC 4");

  static final Names MEMFD =
      Names.flags(
          "MFD_",
          "MFD_CLOEXEC 1",
          "MFD_ALLOW_SEALING 2",
          "MFD_HUGETLB 4",
          "MFD_NOEXEC_SEAL 8",
          "MFD_EXEC 16");

  static final Names UMOUNT =
      Names.flags("MNT_", "MNT_FORCE 1", "MNT_DETACH 2", "MNT_EXPIRE 4", "UMOUNT_NOFOLLOW 8");

  static final Names XATTR = Names.flags("XATTR_", "XATTR_CREATE 1", "XATTR_REPLACE 2");

  private FileNames() {}

  /** O_RDONLY|O_CLOEXEC. */
  static void appendOpenFlags(StringBuilder out, int flags) {
    ACCESS_MODE.append(out, flags & 3);
    OPEN_FLAGS.appendKnown(out, flags & 0xfffffffcL, "|");
  }

  /** S_IFREG|0644. */
  static void appendMode(StringBuilder out, int mode) {
    FILE_TYPE.append(out, mode & 0170000);
    String[] special = {"|S_ISUID", "|S_ISGID", "|S_ISVTX"};
    for (int i = 0; i < special.length; i++) {
      if ((mode & 04000 >> i) != 0) {
        out.append(special[i]);
      }
    }
    String digits = Integer.toOctalString(mode & 0777);
    out.append('|').repeat('0', Math.max(1, 4 - digits.length())).append(digits);
  }

  /** Whether st_rdev means something. */
  static boolean isDevice(int mode) {
    return (mode & 0170000) == 020000 || (mode & 0170000) == 060000;
  }
}
