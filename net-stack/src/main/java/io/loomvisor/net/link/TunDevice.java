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
  private static final int IFREQ_SIZE = 40;
  private static final int IFNAMSIZ = 16;

  private TunDevice() {}

  /**
   * A non-blocking descriptor attached to the device {@code name}, which is made if it is not
   * there.
   */
  public static int open(String name, boolean tap) throws IOException {
    byte[] n = name.getBytes(StandardCharsets.US_ASCII);
    if (n.length == 0 || n.length >= IFNAMSIZ) {
      throw new IllegalArgumentException("interface name " + name);
    }
    int fd = HostFd.open("/dev/net/tun", HostFd.O_RDWR | HostFd.O_NONBLOCK | HostFd.O_CLOEXEC);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ifreq = arena.allocate(IFREQ_SIZE, 8);
      MemorySegment.copy(n, 0, ifreq, ValueLayout.JAVA_BYTE, 0, n.length);
      ifreq.set(ValueLayout.JAVA_SHORT, IFNAMSIZ, (short) ((tap ? IFF_TAP : IFF_TUN) | IFF_NO_PI));
      int r = HostFd.ioctl(fd, TUNSETIFF, ifreq);
      if (r < 0) {
        HostFd.close(fd);
        throw new IOException("TUNSETIFF " + name + ": errno " + -r);
      }
    }
    return fd;
  }
}
