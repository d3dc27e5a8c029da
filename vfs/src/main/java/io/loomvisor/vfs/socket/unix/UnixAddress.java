package io.loomvisor.vfs.socket.unix;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.socket.SocketAbi;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A name in struct sockaddr_un:
 *
 * <pre>
 *   0            2
 *   | sun_family | sun_path (at most 108 bytes) |
 * </pre>
 *
 * A path, or if the first byte is NUL a name in the abstract name space, all bytes of which count.
 *
 * @param name the bytes of sun_path as ISO 8859-1; of a path without the NUL
 */
record UnixAddress(String name) {
  private static final int FAMILY_SIZE = 2;

  /** sizeof(struct sockaddr_un). */
  private static final int MAX = 110;

  /** getsockname(2) of a socket without a name. */
  static byte[] unnamed() {
    return new byte[] {SocketAbi.AF_UNIX, 0};
  }

  /** Whether it is a family alone: bind(2) then chooses a name. */
  static boolean isFamilyOnly(byte[] address) {
    return address.length == FAMILY_SIZE && family(address) == SocketAbi.AF_UNIX;
  }

  static int family(byte[] address) {
    return address[0] & 0xff | (address[1] & 0xff) << 8;
  }

  /** EINVAL unless it is a name of this family. */
  static UnixAddress parse(byte[] address) {
    if (address.length <= FAMILY_SIZE
        || address.length > MAX
        || family(address) != SocketAbi.AF_UNIX) {
      throw Errno.EINVAL.exception();
    }
    int end = address.length;
    if (address[FAMILY_SIZE] != 0) {
      end = FAMILY_SIZE;
      while (end < address.length && address[end] != 0) {
        end++;
      }
    }
    return new UnixAddress(
        new String(address, FAMILY_SIZE, end - FAMILY_SIZE, StandardCharsets.ISO_8859_1));
  }

  boolean isAbstract() {
    return name.charAt(0) == 0;
  }

  /** As getsockname(2) returns it: a path with its NUL. */
  byte[] toBytes() {
    byte[] path = name.getBytes(StandardCharsets.ISO_8859_1);
    byte[] bytes = Arrays.copyOf(unnamed(), FAMILY_SIZE + path.length + (isAbstract() ? 0 : 1));
    System.arraycopy(path, 0, bytes, FAMILY_SIZE, path.length);
    return bytes;
  }

  /** The bytes of sun_path, of a path with its NUL. */
  byte[] pathBytes() {
    byte[] whole = toBytes();
    return Arrays.copyOfRange(whole, FAMILY_SIZE, whole.length);
  }

  /** As /proc/net/unix shows it: NULs of the abstract name space as at-signs. */
  String text() {
    return isAbstract() ? name.replace('\0', '@') : name;
  }
}
