package io.loomvisor.kernel.socket.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes one netlink message; everything is aligned to four bytes:
 *
 * <pre>
 *   0        4      6       8     12    16
 *   | length | type | flags | seq | pid | payload, then attributes: | length (2) | type (2) | data
 * </pre>
 */
public final class MessageWriter {
  public static final int HEADER = 16;
  private static final int ATTRIBUTE_HEADER = 4;
  private static final int FIRST_SIZE = 256;

  private ByteBuffer buffer = ByteBuffer.allocate(FIRST_SIZE).order(ByteOrder.LITTLE_ENDIAN);

  public MessageWriter(int type, int flags, int sequence, int port) {
    buffer.putInt(0).putShort((short) type).putShort((short) flags);
    buffer.putInt(sequence).putInt(port);
  }

  private void room(int more) {
    if (buffer.remaining() < more) {
      int size = Math.max(buffer.capacity() * 2, buffer.position() + more);
      byte[] bigger = Arrays.copyOf(buffer.array(), size);
      buffer = ByteBuffer.wrap(bigger).order(ByteOrder.LITTLE_ENDIAN).position(buffer.position());
    }
  }

  public MessageWriter u8(int value) {
    room(1);
    buffer.put((byte) value);
    return this;
  }

  public MessageWriter u16(int value) {
    room(2);
    buffer.putShort((short) value);
    return this;
  }

  public MessageWriter u32(int value) {
    room(4);
    buffer.putInt(value);
    return this;
  }

  public MessageWriter bytes(byte[] value) {
    room(value.length);
    buffer.put(value);
    return this;
  }

  public MessageWriter attribute(int type, byte[] value) {
    u16(ATTRIBUTE_HEADER + value.length).u16(type).bytes(value);
    while (buffer.position() % 4 != 0) {
      u8(0);
    }
    return this;
  }

  public MessageWriter attribute(int type, int value) {
    return u16(ATTRIBUTE_HEADER + Integer.BYTES).u16(type).u32(value);
  }

  public MessageWriter attribute(int type, String value) {
    return attribute(type, (value + '\0').getBytes(StandardCharsets.ISO_8859_1));
  }

  public byte[] finish() {
    buffer.putInt(0, buffer.position());
    return Arrays.copyOf(buffer.array(), buffer.position() + 3 & ~3);
  }
}
