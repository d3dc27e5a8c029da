package io.loomvisor.gofer.wire;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import java.nio.ByteBuffer;

/**
 * Puts one message together. Text longer than its field is ENAMETOOLONG, a message that grows too
 * long EMSGSIZE.
 */
final class WireWriter {
  private final ByteBuffer out;

  /** Writes into {@code out} from its position on; its order is little-endian. */
  WireWriter(ByteBuffer out) {
    this.out = out;
  }

  private ByteBuffer room(int bytes) {
    if (out.remaining() < bytes) {
      throw Errno.EMSGSIZE.exception();
    }
    return out;
  }

  void u8(int value) {
    room(1).put((byte) value);
  }

  void flag(boolean value) {
    u8(value ? 1 : 0);
  }

  void u16(int value) {
    room(2).putShort((short) value);
  }

  void i32(int value) {
    room(4).putInt(value);
  }

  void i64(long value) {
    room(8).putLong(value);
  }

  void text(String text, int max) {
    if (text.length() > max) {
      throw Errno.ENAMETOOLONG.exception();
    }
    byte[] bytes = Wire.bytes(text);
    u16(bytes.length);
    room(bytes.length).put(bytes);
  }

  void name(String name) {
    text(name, Wire.MAX_NAME);
  }

  void blob(byte[] bytes, int max) {
    if (bytes.length > max) {
      throw Errno.E2BIG.exception();
    }
    i32(bytes.length);
    room(bytes.length).put(bytes);
  }

  void time(FileTime time) {
    i64(time.seconds());
    i32(time.nanos());
  }

  void stat(FileStat s) {
    i64(s.dev());
    i64(s.ino());
    i32(s.mode());
    i64(s.nlink());
    i32(s.uid());
    i32(s.gid());
    i64(s.rdev());
    i64(s.size());
    i32(s.blockSize());
    i64(s.blocks());
    time(s.atime());
    time(s.mtime());
    time(s.ctime());
    time(s.btime());
  }

  void errno(Errno errno) {
    i32(errno == null ? 0 : errno.number());
  }
}
