package io.loomvisor.gofer.wire;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileSystemStat;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Replies to bytes and back. Type numbers stand here and nowhere else. */
public final class ReplyCodec {
  private static final int FAILURE = 101;
  private static final int DONE = 102;
  private static final int ATTRIBUTES = 103;
  private static final int WALKED = 104;
  private static final int OPENED = 105;
  private static final int ENTRIES = 106;
  private static final int TEXT = 107;
  private static final int FILE_SYSTEM = 108;
  private static final int BYTES = 109;
  private static final int NAMES = 110;
  private static final int SOCKET = 111;

  /** Bytes of {@link Reply.Entries} beside the entries. */
  public static final int ENTRIES_OVERHEAD = Wire.HEADER + 4 + 8 + 1;

  /** Bytes of encoded attributes. */
  static final int STAT_SIZE = 112;

  /** Bytes of the smallest entry: name length, one byte of name, inode number, type, flag. */
  private static final int MIN_ENTRY = 2 + 1 + 8 + 1 + 1;

  private static final int MAX_ENTRIES = Wire.MAX_MESSAGE / MIN_ENTRY;
  private static final int MAX_XATTR_NAMES = Wire.MAX_XATTR_VALUE / 2;

  private ReplyCodec() {}

  /** Bytes that {@code entry} takes in {@link Reply.Entries}. */
  public static int size(DirectoryEntry entry) {
    int bytes = MIN_ENTRY - 1 + entry.name().length();
    if (entry.stat() != null) {
      bytes += STAT_SIZE;
    }
    return entry.target() == null ? bytes : bytes + 2 + entry.target().length();
  }

  /**
   * Writes the whole message at the position of {@code out} (little-endian); EMSGSIZE if it does
   * not fit.
   */
  public static void encode(int tag, Reply reply, ByteBuffer out) {
    WireWriter w = new WireWriter(out);
    w.i32(tag);
    w.u16(type(reply));
    w.u16(0);
    encodeFields(reply, w);
  }

  private static int type(Reply reply) {
    return switch (reply) {
      case Reply.Failure r -> FAILURE;
      case Reply.Done r -> DONE;
      case Reply.Attributes r -> ATTRIBUTES;
      case Reply.Walked r -> WALKED;
      case Reply.Opened r -> OPENED;
      case Reply.Entries r -> ENTRIES;
      case Reply.Text r -> TEXT;
      case Reply.FileSystem r -> FILE_SYSTEM;
      case Reply.Bytes r -> BYTES;
      case Reply.Names r -> NAMES;
      case Reply.Socket r -> SOCKET;
    };
  }

  private static void encodeFields(Reply reply, WireWriter w) {
    switch (reply) {
      case Reply.Failure(Errno errno) -> w.errno(errno);
      case Reply.Done() -> {}
      case Reply.Attributes(FileStat stat) -> w.stat(stat);
      case Reply.Walked(List<FileStat> found, Errno stopped, String target) -> {
        w.errno(stopped);
        w.i32(found.size());
        found.forEach(w::stat);
        w.text(target == null ? "" : target, Wire.MAX_TARGET);
      }
      case Reply.Opened(FileStat stat) -> w.stat(stat);
      case Reply.Entries(List<DirectoryEntry> entries, long next, boolean end) -> {
        w.i64(next);
        w.flag(end);
        w.i32(entries.size());
        entries.forEach(e -> entry(w, e));
      }
      case Reply.Text(String text) -> w.text(text, Wire.MAX_TARGET);
      case Reply.FileSystem(FileSystemStat s) -> fileSystem(w, s);
      case Reply.Bytes(byte[] value) -> w.blob(value, Wire.MAX_XATTR_VALUE);
      case Reply.Names(List<String> names) -> {
        w.i32(names.size());
        names.forEach(n -> w.text(n, Wire.MAX_XATTR_NAME));
      }
      case Reply.Socket(int handle, byte[] peer) -> {
        w.i32(handle);
        w.blob(peer, SocketRequest.MAX_ADDRESS);
      }
    }
  }

  private static void entry(WireWriter w, DirectoryEntry e) {
    w.name(e.name());
    w.i64(e.ino());
    w.u8(e.type());
    w.flag(e.stat() != null);
    if (e.stat() != null) {
      w.stat(e.stat());
      if (FileMode.isSymlink(e.stat().mode())) {
        w.text(e.target(), Wire.MAX_TARGET);
      }
    }
  }

  private static void fileSystem(WireWriter w, FileSystemStat s) {
    w.i64(s.type());
    w.i64(s.blockSize());
    w.i64(s.blocks());
    w.i64(s.blocksFree());
    w.i64(s.blocksAvailable());
    w.i64(s.files());
    w.i64(s.filesFree());
    w.i64(s.fsid());
    w.i64(s.nameLength());
    w.i64(s.fragmentSize());
    w.i64(s.flags());
  }

  /**
   * The reply in {@code in}, from its position to its limit; {@link ProtocolException} if it is
   * none.
   */
  public static Reply decode(ByteBuffer in) {
    WireReader r = new WireReader(in);
    r.i32();
    int type = r.u16();
    if (r.u16() != 0) {
      throw new ProtocolException("reserved field is not 0");
    }
    Reply reply = decodeFields(type, r);
    r.end();
    return reply;
  }

  private static Reply decodeFields(int type, WireReader r) {
    return switch (type) {
      case FAILURE -> failure(r);
      case DONE -> new Reply.Done();
      case ATTRIBUTES -> new Reply.Attributes(r.stat());
      case WALKED -> walked(r);
      case OPENED -> new Reply.Opened(r.stat());
      case ENTRIES -> entries(r);
      case TEXT -> new Reply.Text(target(r));
      case FILE_SYSTEM -> new Reply.FileSystem(fileSystem(r));
      case BYTES -> new Reply.Bytes(r.blob(Wire.MAX_XATTR_VALUE));
      case NAMES -> new Reply.Names(names(r));
      case SOCKET -> new Reply.Socket(r.i32(), r.blob(SocketRequest.MAX_ADDRESS));
      default -> throw new ProtocolException("no reply of type " + type);
    };
  }

  private static Reply failure(WireReader r) {
    Errno errno = r.errno();
    if (errno == null) {
      throw new ProtocolException("failure without an errno");
    }
    return new Reply.Failure(errno);
  }

  private static Reply walked(WireReader r) {
    Errno stopped = r.errno();
    int n = r.count(Wire.MAX_WALK, STAT_SIZE);
    List<FileStat> found = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      found.add(r.stat());
    }
    String target = target(r);
    return new Reply.Walked(found, stopped, target.isEmpty() ? null : target);
  }

  private static String target(WireReader r) {
    String target = r.text(Wire.MAX_TARGET);
    if (target.indexOf('\0') >= 0) {
      throw new ProtocolException("NUL in the target of a link");
    }
    return target;
  }

  private static Reply entries(WireReader r) {
    long next = r.i64();
    boolean end = r.flag();
    int n = r.count(MAX_ENTRIES, MIN_ENTRY);
    List<DirectoryEntry> entries = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      entries.add(entry(r));
    }
    return new Reply.Entries(entries, next, end);
  }

  private static DirectoryEntry entry(WireReader r) {
    String name = r.entryName();
    long ino = r.i64();
    int type = direntType(r);
    FileStat stat = r.flag() ? r.stat() : null;
    String target = stat != null && FileMode.isSymlink(stat.mode()) ? target(r) : null;
    return new DirectoryEntry(name, ino, type, stat, target);
  }

  /** DT_UNKNOWN 0 to DT_WHT 14, whatever the host file system gave. */
  private static int direntType(WireReader r) {
    return r.u8() & 15;
  }

  private static FileSystemStat fileSystem(WireReader r) {
    return new FileSystemStat(
        r.i64(), r.i64(), r.i64(), r.i64(), r.i64(), r.i64(), r.i64(), r.i64(), r.i64(), r.i64(),
        r.i64());
  }

  private static List<String> names(WireReader r) {
    int n = r.count(MAX_XATTR_NAMES, 2);
    List<String> names = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      String name = r.text(Wire.MAX_XATTR_NAME);
      if (name.isEmpty() || name.indexOf('\0') >= 0) {
        throw new ProtocolException("not the name of an attribute");
      }
      names.add(name);
    }
    return names;
  }
}
