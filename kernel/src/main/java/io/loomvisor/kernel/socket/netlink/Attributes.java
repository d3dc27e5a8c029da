package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.net.wire.IpAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The attributes of one request, by type; the last of a type counts (nla_parse). */
final class Attributes {
  private static final int HEADER = 4;
  private static final int TYPE_MASK = 0x3fff;

  private final Map<Integer, byte[]> byType = new HashMap<>();

  private Attributes() {}

  /** Those from {@code from} on; EINVAL if the fixed part is not there or one does not end. */
  static Attributes parse(ByteBuffer payload, int from) {
    if (payload.limit() < from) {
      throw Errno.EINVAL.exception();
    }
    Attributes all = new Attributes();
    int at = from;
    while (payload.limit() - at >= HEADER) {
      int length = payload.getShort(at) & 0xffff;
      if (length < HEADER || length > payload.limit() - at) {
        throw Errno.EINVAL.exception();
      }
      byte[] value = new byte[length - HEADER];
      payload.get(at + HEADER, value);
      all.byType.put(payload.getShort(at + 2) & TYPE_MASK, value);
      at += Math.min(length + 3 & ~3, payload.limit() - at);
    }
    return all;
  }

  boolean has(int type) {
    return byType.containsKey(type);
  }

  /** EOPNOTSUPP if there are others than these: nobody here would do what they ask for. */
  void only(Set<Integer> known) {
    if (!known.containsAll(byType.keySet())) {
      throw Errno.EOPNOTSUPP.exception();
    }
  }

  /** EINVAL if it is no word. */
  int word(int type, int absent) {
    byte[] v = byType.get(type);
    if (v == null) {
      return absent;
    }
    if (v.length < Integer.BYTES) {
      throw Errno.EINVAL.exception();
    }
    return ByteBuffer.wrap(v).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  /** Null if it is not there. */
  byte[] bytes(int type) {
    return byType.get(type);
  }

  /** Up to its NUL; null if it is not there. */
  String text(int type) {
    byte[] v = byType.get(type);
    if (v == null) {
      return null;
    }
    String s = new String(v, StandardCharsets.ISO_8859_1);
    int end = s.indexOf('\0');
    return end < 0 ? s : s.substring(0, end);
  }

  /** Null if it is not there; EINVAL if its length is not the family's. */
  IpAddress address(int type, boolean v6) {
    byte[] v = byType.get(type);
    if (v == null) {
      return null;
    }
    if (v.length != (v6 ? 16 : 4)) {
      throw Errno.EINVAL.exception();
    }
    return IpAddress.read(v, 0, v6);
  }
}
