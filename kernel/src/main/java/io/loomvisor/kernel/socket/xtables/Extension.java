package io.loomvisor.kernel.socket.xtables;

import io.loomvisor.gofer.abi.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A match or target of an entry, by its name and revision; {@code data} is its own part, little
 * endian as the machine's, and as long as the application said.
 */
record Extension(String name, int revision, ByteBuffer data) {
  /** The one at {@code at}, whose whole length has been checked to lie inside. */
  static Extension read(ByteBuffer blob, int at, int size) {
    int end = at + XtAbi.EXTENSION_HEADER;
    String name = text(blob, at + 2, XtAbi.XT_EXTENSION_MAXNAMELEN);
    ByteBuffer data = blob.slice(end, size - XtAbi.EXTENSION_HEADER).order(ByteOrder.LITTLE_ENDIAN);
    return new Extension(name, blob.get(at + 31) & 0xff, data);
  }

  /** Text of up to {@code size} bytes that may end with a zero. */
  static String text(ByteBuffer b, int at, int size) {
    byte[] bytes = new byte[size];
    b.get(at, bytes);
    int n = 0;
    while (n < size && bytes[n] != 0) {
      n++;
    }
    return new String(bytes, 0, n, StandardCharsets.ISO_8859_1);
  }

  /** EINVAL unless the data is a structure of this size, aligned (xt_check_match). */
  void requireSize(int size) {
    int whole = XtAbi.aligned(XtAbi.EXTENSION_HEADER + size) - XtAbi.EXTENSION_HEADER;
    if (data.capacity() != whole) {
      throw Errno.EINVAL.exception();
    }
  }

  int u8(int at) {
    return data.get(at) & 0xff;
  }

  int u16(int at) {
    return data.getShort(at) & 0xffff;
  }

  /** In network byte order. */
  int port(int at) {
    return Short.reverseBytes(data.getShort(at)) & 0xffff;
  }

  int i32(int at) {
    return data.getInt(at);
  }

  @Override
  public String toString() {
    return "'" + name + "' revision " + revision;
  }
}
