package io.loomvisor.gofer.wire;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Takes the fields of one untrusted message apart. Whatever is out of bounds is a {@link
 * ProtocolException}.
 */
final class WireReader {
  private static final int NANOS = 1_000_000_000;
  private static final int MAX_BLOCK_SIZE = 1 << 30;

  private final ByteBuffer in;

  /** Reads {@code in} from its position to its limit; its order is little-endian. */
  WireReader(ByteBuffer in) {
    this.in = in;
  }

  private void need(int bytes) {
    if (bytes < 0 || in.remaining() < bytes) {
      throw new ProtocolException("message ends inside a field");
    }
  }

  int u8() {
    need(1);
    return in.get() & 0xff;
  }

  boolean flag() {
    int value = u8();
    if (value > 1) {
      throw new ProtocolException("flag is neither 0 nor 1");
    }
    return value == 1;
  }

  int u16() {
    need(2);
    return in.getShort() & 0xffff;
  }

  int i32() {
    need(4);
    return in.getInt();
  }

  long i64() {
    need(8);
    return in.getLong();
  }

  /** A count of things that take at least {@code each} bytes of what is left. */
  int count(int max, int each) {
    int n = i32();
    if (n < 0 || n > max || (long) n * each > in.remaining()) {
      throw new ProtocolException("count out of range");
    }
    return n;
  }

  /** A string of at most {@code max} bytes. */
  String text(int max) {
    return new String(bytes(u16(), max), StandardCharsets.ISO_8859_1);
  }

  byte[] blob(int max) {
    return bytes(i32(), max);
  }

  private byte[] bytes(int length, int max) {
    if (length < 0 || length > max) {
      throw new ProtocolException("length out of range");
    }
    need(length);
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  /** The name of one entry. */
  String entryName() {
    String name = text(Wire.MAX_NAME);
    if (!Wire.isEntryName(name)) {
      throw new ProtocolException("not the name of an entry");
    }
    return name;
  }

  FileTime time() {
    long seconds = i64();
    int nanos = i32();
    if (nanos < 0 || nanos >= NANOS) {
      throw new ProtocolException("nanoseconds out of range");
    }
    return new FileTime(seconds, nanos);
  }

  FileStat stat() {
    FileStat s =
        new FileStat(
            i64(), i64(), i32(), i64(), i32(), i32(), i64(), i64(), i32(), i64(), time(), time(),
            time(), time());
    if (s.size() < 0
        || s.nlink() < 0
        || s.blocks() < 0
        || s.blockSize() <= 0
        || s.blockSize() > MAX_BLOCK_SIZE) {
      throw new ProtocolException("attributes out of range");
    }
    if ((s.mode() & ~(FileMode.S_IFMT | FileMode.PERMISSIONS)) != 0 || !knownType(s.mode())) {
      throw new ProtocolException("no such file type");
    }
    return s;
  }

  private static boolean knownType(int mode) {
    return switch (mode & FileMode.S_IFMT) {
      case FileMode.S_IFREG,
          FileMode.S_IFDIR,
          FileMode.S_IFLNK,
          FileMode.S_IFCHR,
          FileMode.S_IFBLK,
          FileMode.S_IFIFO,
          FileMode.S_IFSOCK ->
          true;
      default -> false;
    };
  }

  /** An errno that an application may see; 0 gives null. */
  Errno errno() {
    int number = i32();
    if (number == 0) {
      return null;
    }
    return number < 0 || number >= Errno.ERESTARTSYS.number() ? Errno.EIO : Errno.of(number);
  }

  void end() {
    if (in.hasRemaining()) {
      throw new ProtocolException("bytes after the end of the message");
    }
  }
}
