package io.loomvisor.gofer.wire;

import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.SetAttributes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Requests to bytes and back. Type numbers stand here and nowhere else. */
public final class RequestCodec {
  private static final int ATTACH = 1;
  private static final int WALK = 2;
  private static final int GET_ATTRIBUTES = 3;
  private static final int SET_ATTRIBUTES = 4;
  private static final int OPEN = 5;
  private static final int CREATE = 6;
  private static final int READ_DIRECTORY = 7;
  private static final int MAKE_DIRECTORY = 8;
  private static final int MAKE_SYMLINK = 9;
  private static final int MAKE_NODE = 10;
  private static final int LINK = 11;
  private static final int UNLINK = 12;
  private static final int RENAME = 13;
  private static final int READ_LINK = 14;
  private static final int STAT_FILE_SYSTEM = 15;
  private static final int GET_XATTR = 16;
  private static final int SET_XATTR = 17;
  private static final int REMOVE_XATTR = 18;
  private static final int LIST_XATTR = 19;
  private static final int SYNC = 20;
  private static final int CLUNK = 21;
  private static final int FLUSH = 22;
  private static final int LOOK = 23;
  private static final int READ_CHILD = 24;
  private static final int SOCKET = 25;

  // Which components of SetAttributes are there.
  private static final int HAS_MODE = 1;
  private static final int HAS_UID = 2;
  private static final int HAS_GID = 4;
  private static final int HAS_SIZE = 8;
  private static final int HAS_ATIME = 16;
  private static final int HAS_MTIME = 32;

  private static final Detail[] DETAILS = Detail.values();

  private RequestCodec() {}

  /**
   * Writes the whole message at the position of {@code out} (little-endian). ENAMETOOLONG, E2BIG,
   * EMSGSIZE.
   */
  public static void encode(int tag, Request request, ByteBuffer out) {
    WireWriter w = new WireWriter(out);
    w.i32(tag);
    int at = out.position();
    w.u16(0); // the type, which those know who write the fields
    w.u16(0);
    out.putShort(at, (short) encodeFields(request, w));
  }

  /** Returns the type, as all do that are asked for the fields of one. */
  private static int encodeFields(Request request, WireWriter w) {
    return switch (request) {
      case Request.Attach(int root, int fid) -> {
        w.i32(root);
        w.i32(fid);
        yield ATTACH;
      }
      case Request.Walk(int fid, int newFid, List<String> names) -> {
        w.i32(fid);
        w.i32(newFid);
        w.i32(names.size());
        names.forEach(w::name);
        yield WALK;
      }
      case Request.Look(int fid, List<String> names) -> {
        w.i32(fid);
        w.i32(names.size());
        names.forEach(w::name);
        yield LOOK;
      }
      case Request.GetAttributes(int fid, String name) -> file(w, GET_ATTRIBUTES, fid, name);
      case Request.SetFileAttributes(int fid, String name, SetAttributes change) -> {
        file(w, SET_ATTRIBUTES, fid, name);
        change(w, change);
        yield SET_ATTRIBUTES;
      }
      case Request.Open(int fid, String name, int flags, long inode) -> {
        file(w, OPEN, fid, name);
        w.i32(flags);
        w.i64(inode);
        yield OPEN;
      }
      case Request.Create(int fid, String name, int mode, int uid, int gid) ->
          made(w, CREATE, fid, name, mode, uid, gid);
      case Request.ReadDirectory(int fid, long offset, Detail detail) -> {
        w.i32(fid);
        w.i64(offset);
        w.u8(detail.ordinal());
        yield READ_DIRECTORY;
      }
      case Request.ReadChild(
              int fid,
              String name,
              int newFid,
              long dev,
              long inode,
              Detail detail) -> {
        file(w, READ_CHILD, fid, name);
        w.i32(newFid);
        w.i64(dev);
        w.i64(inode);
        w.u8(detail.ordinal());
        yield READ_CHILD;
      }
      case Request.MakeDirectory(int fid, String name, int mode, int uid, int gid) ->
          made(w, MAKE_DIRECTORY, fid, name, mode, uid, gid);
      case Request.MakeSymlink(int fid, String name, String target, int uid, int gid) -> {
        made(w, MAKE_SYMLINK, fid, name, 0, uid, gid);
        w.text(target, Wire.MAX_TARGET);
        yield MAKE_SYMLINK;
      }
      case Request.MakeNode(int fid, String name, int mode, int uid, int gid) ->
          made(w, MAKE_NODE, fid, name, mode, uid, gid);
      case Request.Link(int fid, String name, int newFid, String newName) -> {
        file(w, LINK, fid, name);
        file(w, LINK, newFid, newName);
        yield LINK;
      }
      case Request.Unlink(int fid, String name, boolean directory) -> {
        file(w, UNLINK, fid, name);
        w.flag(directory);
        yield UNLINK;
      }
      case Request.Rename(int fid, String name, int newFid, String newName, int flags) -> {
        file(w, RENAME, fid, name);
        file(w, RENAME, newFid, newName);
        w.i32(flags);
        yield RENAME;
      }
      case Request.ReadLink(int fid, String name) -> file(w, READ_LINK, fid, name);
      case Request.StatFileSystem(int fid) -> {
        w.i32(fid);
        yield STAT_FILE_SYSTEM;
      }
      case Request.GetXattr(int fid, String name, String attribute) ->
          xattr(w, GET_XATTR, fid, name, attribute);
      case Request.SetXattr(int fid, String name, String attribute, byte[] value, int flags) -> {
        xattr(w, SET_XATTR, fid, name, attribute);
        w.blob(value, Wire.MAX_XATTR_VALUE);
        w.i32(flags);
        yield SET_XATTR;
      }
      case Request.RemoveXattr(int fid, String name, String attribute) ->
          xattr(w, REMOVE_XATTR, fid, name, attribute);
      case Request.ListXattr(int fid, String name) -> file(w, LIST_XATTR, fid, name);
      case Request.Sync(int fid, String name) -> file(w, SYNC, fid, name);
      case Request.Clunk(int[] fids) -> {
        w.i32(fids.length);
        for (int fid : fids) {
          w.i32(fid);
        }
        yield CLUNK;
      }
      case Request.Flush() -> FLUSH;
      case Request.Socket(SocketRequest what) -> {
        SocketCodec.encode(what, w);
        yield SOCKET;
      }
    };
  }

  private static int file(WireWriter w, int type, int fid, String name) {
    w.i32(fid);
    w.name(name);
    return type;
  }

  private static int made(
      WireWriter w, int type, int fid, String name, int mode, int uid, int gid) {
    file(w, type, fid, name);
    w.i32(mode);
    w.i32(uid);
    w.i32(gid);
    return type;
  }

  private static int xattr(WireWriter w, int type, int fid, String name, String attribute) {
    file(w, type, fid, name);
    w.text(attribute, Wire.MAX_XATTR_NAME);
    return type;
  }

  private static void change(WireWriter w, SetAttributes c) {
    int has = c.mode() == null ? 0 : HAS_MODE;
    has |= c.uid() == null ? 0 : HAS_UID;
    has |= c.gid() == null ? 0 : HAS_GID;
    has |= c.size() == null ? 0 : HAS_SIZE;
    has |= c.atime() == null ? 0 : HAS_ATIME;
    has |= c.mtime() == null ? 0 : HAS_MTIME;
    w.u8(has);
    w.i32(c.mode() == null ? 0 : c.mode());
    w.i32(c.uid() == null ? 0 : c.uid());
    w.i32(c.gid() == null ? 0 : c.gid());
    w.i64(c.size() == null ? 0 : c.size());
    w.time(c.atime() == null ? FileTime.EPOCH : c.atime());
    w.time(c.mtime() == null ? FileTime.EPOCH : c.mtime());
  }

  /** The tag of a message of at least {@link Wire#HEADER} bytes. */
  public static int tag(ByteBuffer in) {
    return in.getInt(in.position());
  }

  /**
   * The request in {@code in}, from its position to its limit; {@link ProtocolException} if it is
   * none.
   */
  public static Request decode(ByteBuffer in) {
    WireReader r = new WireReader(in);
    r.i32();
    int type = r.u16();
    if (r.u16() != 0) {
      throw new ProtocolException("reserved field is not 0");
    }
    Request request = decodeFields(type, r);
    r.end();
    return request;
  }

  private static Request decodeFields(int type, WireReader r) {
    return switch (type) {
      case ATTACH -> new Request.Attach(r.i32(), r.i32());
      case WALK -> new Request.Walk(r.i32(), r.i32(), names(r));
      case LOOK -> new Request.Look(r.i32(), names(r));
      case GET_ATTRIBUTES -> new Request.GetAttributes(r.i32(), nameOrSelf(r));
      case SET_ATTRIBUTES -> new Request.SetFileAttributes(r.i32(), nameOrSelf(r), change(r));
      case OPEN -> new Request.Open(r.i32(), r.entryName(), r.i32(), r.i64());
      case CREATE -> new Request.Create(r.i32(), r.entryName(), r.i32(), r.i32(), r.i32());
      case READ_DIRECTORY -> new Request.ReadDirectory(r.i32(), r.i64(), detail(r));
      case READ_CHILD ->
          new Request.ReadChild(r.i32(), r.entryName(), r.i32(), r.i64(), r.i64(), detail(r));
      case MAKE_DIRECTORY ->
          new Request.MakeDirectory(r.i32(), r.entryName(), r.i32(), r.i32(), r.i32());
      case MAKE_SYMLINK -> symlink(r);
      case MAKE_NODE -> new Request.MakeNode(r.i32(), r.entryName(), r.i32(), r.i32(), r.i32());
      case LINK -> new Request.Link(r.i32(), r.entryName(), r.i32(), r.entryName());
      case UNLINK -> new Request.Unlink(r.i32(), r.entryName(), r.flag());
      case RENAME -> new Request.Rename(r.i32(), r.entryName(), r.i32(), r.entryName(), r.i32());
      case READ_LINK -> new Request.ReadLink(r.i32(), r.entryName());
      case STAT_FILE_SYSTEM -> new Request.StatFileSystem(r.i32());
      case GET_XATTR -> new Request.GetXattr(r.i32(), nameOrSelf(r), attribute(r));
      case SET_XATTR ->
          new Request.SetXattr(
              r.i32(), nameOrSelf(r), attribute(r), r.blob(Wire.MAX_XATTR_VALUE), r.i32());
      case REMOVE_XATTR -> new Request.RemoveXattr(r.i32(), nameOrSelf(r), attribute(r));
      case LIST_XATTR -> new Request.ListXattr(r.i32(), nameOrSelf(r));
      case SYNC -> new Request.Sync(r.i32(), nameOrSelf(r));
      case CLUNK -> new Request.Clunk(fids(r));
      case FLUSH -> new Request.Flush();
      case SOCKET -> new Request.Socket(SocketCodec.decode(r));
      default -> throw new ProtocolException("no request of type " + type);
    };
  }

  private static Detail detail(WireReader r) {
    int number = r.u8();
    if (number >= DETAILS.length) {
      throw new ProtocolException("no such detail");
    }
    return DETAILS[number];
  }

  private static String nameOrSelf(WireReader r) {
    String name = r.text(Wire.MAX_NAME);
    if (!name.isEmpty() && !Wire.isEntryName(name)) {
      throw new ProtocolException("not the name of an entry");
    }
    return name;
  }

  private static String attribute(WireReader r) {
    String name = r.text(Wire.MAX_XATTR_NAME);
    if (name.isEmpty() || name.indexOf('\0') >= 0) {
      throw new ProtocolException("not the name of an attribute");
    }
    return name;
  }

  private static Request symlink(WireReader r) {
    int fid = r.i32();
    String name = r.entryName();
    r.i32();
    int uid = r.i32();
    int gid = r.i32();
    String target = r.text(Wire.MAX_TARGET);
    if (target.isEmpty() || target.indexOf('\0') >= 0) {
      throw new ProtocolException("not the target of a link");
    }
    return new Request.MakeSymlink(fid, name, target, uid, gid);
  }

  private static List<String> names(WireReader r) {
    int n = r.count(Wire.MAX_WALK, 3);
    List<String> names = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      names.add(r.entryName());
    }
    return names;
  }

  private static int[] fids(WireReader r) {
    int[] fids = new int[r.count(Wire.MAX_CLUNK, 4)];
    for (int i = 0; i < fids.length; i++) {
      fids[i] = r.i32();
    }
    return fids;
  }

  private static SetAttributes change(WireReader r) {
    int has = r.u8();
    int mode = r.i32();
    int uid = r.i32();
    int gid = r.i32();
    long size = r.i64();
    FileTime atime = r.time();
    FileTime mtime = r.time();
    if ((has & HAS_SIZE) != 0 && size < 0) {
      throw new ProtocolException("size out of range");
    }
    return new SetAttributes(
        (has & HAS_MODE) != 0 ? (Integer) mode : null,
        (has & HAS_UID) != 0 ? (Integer) uid : null,
        (has & HAS_GID) != 0 ? (Integer) gid : null,
        (has & HAS_SIZE) != 0 ? (Long) size : null,
        (has & HAS_ATIME) != 0 ? atime : null,
        (has & HAS_MTIME) != 0 ? mtime : null);
  }
}
