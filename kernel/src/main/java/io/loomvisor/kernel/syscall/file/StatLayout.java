package io.loomvisor.kernel.syscall.file;

import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.gofer.abi.FileTime;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * struct stat, statx and statfs of x86-64 as bytes (arch/x86/include/uapi/asm/stat.h,
 * include/uapi/linux/stat.h).
 */
final class StatLayout {
  static final int STATX_BASIC_STATS = 0x7ff;
  static final int STATX_BTIME = 0x800;
  static final int STATX_MNT_ID = 0x1000;
  static final int STAT_SIZE = 144;
  static final int STATX_SIZE = 256;
  static final int STATFS_SIZE = 120;

  private StatLayout() {}

  static byte[] stat(FileStat s) {
    ByteBuffer b = buffer(STAT_SIZE);
    b.putLong(s.dev()).putLong(s.ino()).putLong(s.nlink());
    b.putInt(s.mode()).putInt(s.uid()).putInt(s.gid()).putInt(0);
    b.putLong(s.rdev()).putLong(s.size()).putLong(s.blockSize()).putLong(s.blocks());
    for (FileTime t : new FileTime[] {s.atime(), s.mtime(), s.ctime()}) {
      b.putLong(t.seconds()).putLong(t.nanos());
    }
    return b.array();
  }

  /**
   * @param mountId 0 if it has no mount
   */
  static byte[] statx(FileStat s, long mountId) {
    ByteBuffer b = buffer(STATX_SIZE);
    boolean born = !s.btime().equals(FileTime.EPOCH);
    int mask = STATX_BASIC_STATS | (born ? STATX_BTIME : 0) | (mountId != 0 ? STATX_MNT_ID : 0);
    b.putInt(0, mask).putInt(4, s.blockSize()).putInt(16, (int) s.nlink());
    b.putInt(20, s.uid()).putInt(24, s.gid()).putShort(28, (short) s.mode());
    b.putLong(32, s.ino()).putLong(40, s.size()).putLong(48, s.blocks());
    time(b, 64, s.atime());
    time(b, 80, s.btime());
    time(b, 96, s.ctime());
    time(b, 112, s.mtime());
    b.putInt(128, major(s.rdev())).putInt(132, minor(s.rdev()));
    b.putInt(136, major(s.dev())).putInt(140, minor(s.dev()));
    b.putLong(144, mountId);
    return b.array();
  }

  static byte[] statfs(FileSystemStat s) {
    ByteBuffer b = buffer(STATFS_SIZE);
    b.putLong(s.type()).putLong(s.blockSize()).putLong(s.blocks()).putLong(s.blocksFree());
    b.putLong(s.blocksAvailable()).putLong(s.files()).putLong(s.filesFree()).putLong(s.fsid());
    b.putLong(s.nameLength()).putLong(s.fragmentSize()).putLong(s.flags());
    return b.array();
  }

  private static void time(ByteBuffer b, int at, FileTime t) {
    b.putLong(at, t.seconds()).putInt(at + 8, t.nanos());
  }

  private static int major(long dev) {
    return (int) (dev >>> 8 & 0xfff | dev >>> 32 & 0xfffff000L);
  }

  private static int minor(long dev) {
    return (int) (dev & 0xff | dev >>> 12 & 0xffffff00L);
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
