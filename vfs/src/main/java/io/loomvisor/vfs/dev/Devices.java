package io.loomvisor.vfs.dev;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.DeviceRegistry;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.Refusals;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.cache.PageStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The character devices of the sandbox by number (Documentation/admin-guide/devices.txt). There are
 * no block devices. Filled while the kernel boots; any thread may open.
 */
public final class Devices implements DeviceRegistry {
  public static final long NULL = number(1, 3);
  public static final long ZERO = number(1, 5);
  public static final long FULL = number(1, 7);
  public static final long RANDOM = number(1, 8);
  public static final long URANDOM = number(1, 9);
  public static final long TTY = number(5, 0);
  public static final long CONSOLE = number(5, 1);
  public static final long PTMX = number(5, 2);

  private final Map<Long, Device> characterDevices = new ConcurrentHashMap<>();

  /** With the memory devices: null, zero, full, random and urandom. */
  public static Devices withMemoryDevices(PageStore pages, RandomSource random) {
    return new Devices()
        .register(NULL, (node, path, flags, caller) -> new NullDescription(node, path, flags))
        .register(
            ZERO, (node, path, flags, caller) -> new ZeroDescription(node, path, flags, pages))
        .register(FULL, (node, path, flags, caller) -> new FullDescription(node, path, flags))
        .register(
            RANDOM, (node, path, flags, caller) -> new RandomDescription(node, path, flags, random))
        .register(
            URANDOM,
            (node, path, flags, caller) -> new RandomDescription(node, path, flags, random));
  }

  /** Linux's dev_t for small numbers: major below 4096, minor below 256. */
  public static long number(int major, int minor) {
    return (long) major << 8 | minor;
  }

  /** Adds or replaces; returns this. */
  public Devices register(long rdev, Device device) {
    characterDevices.put(rdev, device);
    return this;
  }

  @Override
  public FileDescription open(
      Inode inode, int mode, long rdev, VfsPath path, int flags, Caller caller) {
    boolean character = (mode & FileMode.S_IFMT) == FileMode.S_IFCHR;
    Device device = character ? characterDevices.get(rdev) : null;
    if (device == null) {
      Refusals.report(
          caller.threadGroupId(),
          "device " + (character ? "c " : "b ") + (rdev >> 8 & 0xfff) + ":" + (rdev & 0xff));
      throw Errno.ENXIO.exception();
    }
    return device.open(inode, path, flags, caller);
  }
}
