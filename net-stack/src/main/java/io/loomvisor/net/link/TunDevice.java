package io.loomvisor.net.link;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Opens TUN and TAP devices (Documentation/networking/tuntap.rst). Needs CAP_NET_ADMIN or a device
 * made for the user.
 */
public final class TunDevice {
  private static final long TUNSETIFF = 0x4004_54caL;
  private static final short IFF_TUN = 1;
  private static final short IFF_TAP = 2;
  private static final short IFF_NO_PI = 0x1000;
  private static final short IFF_VNET_HDR = 0x4000;
  private static final long TUNSETOFFLOAD = 0x4004_54d0L;
  private static final long TUNSETVNETHDRSZ = 0x4004_54d8L;
  private static final long TUN_F_CSUM = 1;
  private static final long TUN_F_TSO4 = 2;
  private static final long TUN_F_TSO6 = 4;
  private static final int IFREQ_SIZE = 40;
  private static final int IFNAMSIZ = 16;

  private TunDevice() {}

  /**
   * A non-blocking descriptor attached to the device {@code name}, which is made if it is not
   * there.
   */
  public static int open(String name, boolean tap) throws IOException {
    return open(name, (short) ((tap ? IFF_TAP : IFF_TUN) | IFF_NO_PI));
  }

  /**
   * As {@link #open}: a TAP device whose frames may leave checksums and the cutting into segments
   * to the other side, both ways; for {@link FdLink#offloading}.
   */
  public static int openOffloading(String name) throws IOException {
    int fd = open(name, (short) (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, VirtioNetHeader.SIZE);
      int r = HostFd.ioctl(fd, TUNSETVNETHDRSZ, size);
      if (r >= 0) {
        MemorySegment offloads = MemorySegment.ofAddress(TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6);
        r = HostFd.ioctl(fd, TUNSETOFFLOAD, offloads);
      }
      if (r < 0) {
        HostFd.close(fd);
        throw new IOException("offloads of " + name + ": errno " + -r);
      }
    }
    return fd;
  }

  private static int open(String name, short flags) throws IOException {
    byte[] n = name.getBytes(StandardCharsets.US_ASCII);
    if (n.length == 0 || n.length >= IFNAMSIZ) {
      throw new IllegalArgumentException("interface name " + name);
    }
    int fd = HostFd.open("/dev/net/tun", HostFd.O_RDWR | HostFd.O_NONBLOCK | HostFd.O_CLOEXEC);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ifreq = arena.allocate(IFREQ_SIZE, 8);
      MemorySegment.copy(n, 0, ifreq, ValueLayout.JAVA_BYTE, 0, n.length);
      ifreq.set(ValueLayout.JAVA_SHORT, IFNAMSIZ, flags);
      int r = HostFd.ioctl(fd, TUNSETIFF, ifreq);
      if (r < 0) {
        HostFd.close(fd);
        throw new IOException("TUNSETIFF " + name + ": errno " + -r);
      }
    }
    return fd;
  }
}
