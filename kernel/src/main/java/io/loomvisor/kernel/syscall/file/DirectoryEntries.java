package io.loomvisor.kernel.syscall.file;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.DirectorySink;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Directory entries as getdents64(2) and getdents(2) lay them out; records are multiples of 8
 * bytes.
 *
 * <pre>
 *   0       8       16         18       19
 *   | d_ino | d_off | d_reclen | d_type | d_name NUL     linux_dirent64
 *   | d_ino | d_off | d_reclen | d_name NUL … d_type     linux_dirent: the type is the last byte
 * </pre>
 */
final class DirectoryEntries implements DirectorySink {
  /** More is not written at once, whatever the size of the buffer. */
  static final int MAX_BYTES = 1 << 16;

  private final ByteBuffer buffer;
  private final boolean large;
  private final long room;
  private Errno refused;

  DirectoryEntries(long room, boolean large) {
    this(room, room, large);
  }

  /**
   * @param accessible how much of the {@code room} can be written: an entry beyond is EFAULT, and
   *     stays to be read again
   */
  DirectoryEntries(long room, long accessible, boolean large) {
    this.buffer =
        ByteBuffer.allocate((int) Math.min(accessible, MAX_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    this.room = room;
    this.large = large;
  }

  @Override
  public boolean entry(String name, long ino, int direntType, long nextOffset) {
    byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
    int header = large ? 19 : 18;
    int length = header + bytes.length + (large ? 1 : 2) + 7 & ~7;
    if (length > buffer.remaining()) {
      refused = buffer.position() + length > room ? Errno.EINVAL : Errno.EFAULT;
      return false;
    }
    int start = buffer.position();
    buffer.putLong(ino).putLong(nextOffset).putShort((short) length);
    if (large) {
      buffer.put((byte) direntType);
    }
    buffer.put(bytes);
    buffer.position(start + length);
    if (!large) {
      buffer.put(start + length - 1, (byte) direntType);
    }
    return true;
  }

  /** What was taken; EINVAL or EFAULT if there was an entry but no room for even one. */
  byte[] bytes() {
    if (refused != null && buffer.position() == 0) {
      throw refused.exception();
    }
    return Arrays.copyOf(buffer.array(), buffer.position());
  }
}
