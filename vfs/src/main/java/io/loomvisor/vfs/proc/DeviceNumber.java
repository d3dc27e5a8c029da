package io.loomvisor.vfs.proc;

/**
 * The parts of Linux's 64-bit dev_t (makedev(3)): major bits 8-19 and 32-63, minor bits 0-7 and
 * 20-31.
 */
final class DeviceNumber {
  private DeviceNumber() {}

  static long major(long device) {
    return device >>> 8 & 0xFFF | device >>> 32 & 0xFFFF_F000L;
  }

  static long minor(long device) {
    return device & 0xFF | device >>> 12 & 0xFFF_FF00L;
  }
}
