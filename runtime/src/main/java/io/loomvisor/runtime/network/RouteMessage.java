package io.loomvisor.runtime.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * One answer of the host's kernel: a fixed part, then attributes (netlink(7)).
 *
 * @param payload behind the message's header
 */
record RouteMessage(int type, ByteBuffer payload) {
  private static final int ATTRIBUTE_HEADER = 4;

  /** NLA_F_NESTED and NLA_F_NET_BYTEORDER are no part of an attribute's type. */
  private static final int TYPE_MASK = 0x3fff;

  int u8(int at) {
    return payload.get(at) & 0xff;
  }

  int u16(int at) {
    return payload.getShort(at) & 0xffff;
  }

  int i32(int at) {
    return payload.getInt(at);
  }

  /** The attribute of that type behind a fixed part of {@code header} bytes, or null. */
  byte[] attribute(int header, int wanted) {
    int at = header;
    while (payload.limit() - at >= ATTRIBUTE_HEADER) {
      int length = u16(at);
      if (length < ATTRIBUTE_HEADER || length > payload.limit() - at) {
        return null;
      }
      if ((u16(at + 2) & TYPE_MASK) == wanted) {
        byte[] data = new byte[length - ATTRIBUTE_HEADER];
        payload.get(at + ATTRIBUTE_HEADER, data);
        return data;
      }
      at += length + 3 & ~3;
    }
    return null;
  }

  /** A number of four bytes, or {@code otherwise}. */
  int number(int header, int wanted, int otherwise) {
    byte[] data = attribute(header, wanted);
    return data == null || data.length < Integer.BYTES
        ? otherwise
        : ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  /** A string that ends with a zero byte, or null. */
  String text(int header, int wanted) {
    byte[] data = attribute(header, wanted);
    return data == null
        ? null
        : new String(data, 0, Math.max(0, data.length - 1), StandardCharsets.ISO_8859_1);
  }
}
