package io.loomvisor.gofer.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.SetAttributes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class CodecTest {
  private static final int TAG = 0x01020304;

  private static final FileStat STAT =
      new FileStat(
          0x801,
          77,
          FileMode.S_IFREG | 0644,
          1,
          1000,
          100,
          0,
          1L << 40,
          4096,
          8,
          new FileTime(-5, 999_999_999),
          new FileTime(1, 0),
          new FileTime(2, 3),
          FileTime.EPOCH);

  private static final FileStat LINK =
      new FileStat(
          1,
          2,
          FileMode.S_IFLNK | 0777,
          1,
          0,
          0,
          0,
          5,
          4096,
          0,
          FileTime.EPOCH,
          FileTime.EPOCH,
          FileTime.EPOCH,
          FileTime.EPOCH);

  private static final List<Request> REQUESTS =
      List.of(
          new Request.Attach(0, 1),
          new Request.Walk(1, 2, List.of("usr", "bin", "n\u00e4me")),
          new Request.Walk(1, 2, List.of()),
          new Request.Look(1, List.of("usr", "bin")),
          new Request.GetAttributes(1, ""),
          new Request.SetFileAttributes(
              1, "x", new SetAttributes(0755, 1, 2, 3L, new FileTime(4, 5), new FileTime(6, 7))),
          new Request.SetFileAttributes(1, "x", SetAttributes.ofMode(0)),
          new Request.Open(1, "x", 2, 1L << 50),
          new Request.Create(1, "x", 0644, 3, 4),
          new Request.ReadDirectory(1, Long.MAX_VALUE, Detail.ALL),
          new Request.ReadChild(1, "x", 2, 3, 4, Detail.DIRECTORIES),
          new Request.MakeDirectory(1, "x", 0755, 0, 0),
          new Request.MakeSymlink(1, "x", "../../target", -1, 0),
          new Request.MakeNode(1, "x", FileMode.S_IFIFO, 0, 0),
          new Request.Link(1, "x", 2, "y"),
          new Request.Unlink(1, "x".repeat(255), true),
          new Request.Rename(1, "x", 2, "y", 3),
          new Request.ReadLink(1, "x"),
          new Request.StatFileSystem(1),
          new Request.GetXattr(1, "", "user.a"),
          new Request.RemoveXattr(1, "x", "user.a"),
          new Request.ListXattr(1, "x"),
          new Request.Sync(1, ""),
          new Request.Flush(),
          new Request.Socket(new SocketRequest.Create(2, 1, 6)),
          new Request.Socket(new SocketRequest.Listen(7, -1)),
          new Request.Socket(new SocketRequest.Accept(7)),
          new Request.Socket(new SocketRequest.Name(7, true)),
          new Request.Socket(new SocketRequest.GetOption(7, 1, 2, 4096)),
          new Request.Socket(new SocketRequest.Query(7, 0x5411)),
          new Request.Socket(new SocketRequest.Close(7)));

  /** Those with arrays, which are compared by {@link #socketRequestsWithBytesComeBack}. */
  private static final List<SocketRequest> WITH_BYTES =
      List.of(
          new SocketRequest.Bind(7, new byte[] {2, 0, 3}),
          new SocketRequest.Connect(7, new byte[128]),
          new SocketRequest.SetOption(7, 1, 2, new byte[4096]));

  private static final List<Reply> REPLIES =
      List.of(
          new Reply.Failure(Errno.ENOENT),
          new Reply.Done(),
          new Reply.Attributes(STAT),
          new Reply.Walked(List.of(STAT, STAT), Errno.ENOENT, null),
          new Reply.Walked(List.of(STAT), null, "where"),
          new Reply.Opened(STAT),
          new Reply.Entries(
              List.of(
                  new DirectoryEntry("a", 1, 8, STAT, null),
                  new DirectoryEntry("b", -1, 4),
                  new DirectoryEntry("c", 2, 10, LINK, "where")),
              99,
              false),
          new Reply.Text("/etc"),
          new Reply.FileSystem(new FileSystemStat(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)),
          new Reply.Names(List.of("user.a", "user.b")));

  private static ByteBuffer encode(Request r) {
    ByteBuffer b = ByteBuffer.allocate(Wire.MAX_MESSAGE).order(ByteOrder.LITTLE_ENDIAN);
    RequestCodec.encode(TAG, r, b);
    return b.flip();
  }

  private static ByteBuffer encode(Reply r) {
    ByteBuffer b = ByteBuffer.allocate(Wire.MAX_MESSAGE).order(ByteOrder.LITTLE_ENDIAN);
    ReplyCodec.encode(TAG, r, b);
    return b.flip();
  }

  @Test
  void requestsComeBackAsTheyWere() {
    for (Request r : REQUESTS) {
      ByteBuffer b = encode(r);
      assertEquals(TAG, RequestCodec.tag(b));
      assertEquals(r, RequestCodec.decode(b));
    }
    var set =
        (Request.SetXattr)
            RequestCodec.decode(
                encode(new Request.SetXattr(1, "f", "user.a", new byte[] {1, 2}, 1)));
    assertArrayEquals(new byte[] {1, 2}, set.value());
    assertEquals("user.a", set.attribute());
    assertEquals(1, set.flags());
    var clunk = (Request.Clunk) RequestCodec.decode(encode(new Request.Clunk(new int[] {3, 4, 5})));
    assertArrayEquals(new int[] {3, 4, 5}, clunk.fids());
  }

  @Test
  void everyKindOfMessageIsTried() {
    Set<Class<?>> requests = new HashSet<>(List.of(Request.SetXattr.class, Request.Clunk.class));
    REQUESTS.forEach(r -> requests.add(r.getClass()));
    assertEquals(Set.of(Request.class.getPermittedSubclasses()), requests);
    Set<Class<?>> replies = new HashSet<>(List.of(Reply.Bytes.class, Reply.Socket.class));
    REPLIES.forEach(r -> replies.add(r.getClass()));
    assertEquals(Set.of(Reply.class.getPermittedSubclasses()), replies);
  }

  @Test
  void repliesComeBackAsTheyWere() {
    for (Reply r : REPLIES) {
      assertEquals(r, ReplyCodec.decode(encode(r)));
    }
    var bytes = (Reply.Bytes) ReplyCodec.decode(encode(new Reply.Bytes(new byte[] {9})));
    assertArrayEquals(new byte[] {9}, bytes.value());
    var socket = (Reply.Socket) ReplyCodec.decode(encode(new Reply.Socket(5, new byte[] {1})));
    assertEquals(5, socket.handle());
    assertArrayEquals(new byte[] {1}, socket.peer());
  }

  @Test
  void socketRequestsWithBytesComeBack() {
    Set<Class<?>> tried = new HashSet<>();
    for (SocketRequest r : WITH_BYTES) {
      tried.add(r.getClass());
      switch (socketRequest(r)) {
        case SocketRequest.Bind(int handle, byte[] address) -> {
          assertEquals(7, handle);
          assertArrayEquals(new byte[] {2, 0, 3}, address);
        }
        case SocketRequest.Connect(int handle, byte[] address) -> {
          assertEquals(7, handle);
          assertEquals(128, address.length);
        }
        case SocketRequest.SetOption(int handle, int level, int option, byte[] value) -> {
          assertEquals(List.of(7, 1, 2, 4096), List.of(handle, level, option, value.length));
        }
        default -> throw new AssertionError(r);
      }
    }
    for (Request r : REQUESTS) {
      if (r instanceof Request.Socket(SocketRequest what)) {
        tried.add(what.getClass());
      }
    }
    assertEquals(Set.of(SocketRequest.class.getPermittedSubclasses()), tried);
  }

  private static SocketRequest socketRequest(SocketRequest r) {
    return ((Request.Socket) RequestCodec.decode(encode(new Request.Socket(r)))).what();
  }

  @Test
  void longAddressesValuesAndRoomAreRefused() {
    ByteBuffer room = encode(new Request.Socket(new SocketRequest.GetOption(1, 1, 1, 5000)));
    assertThrows(ProtocolException.class, () -> RequestCodec.decode(room));
    assertEquals(
        Errno.E2BIG,
        failure(() -> encode(new Request.Socket(new SocketRequest.Bind(1, new byte[129])))));
  }

  @Test
  void cutOrLengthenedMessagesAreRefused() {
    BiConsumer<ByteBuffer, Function<ByteBuffer, Object>> check =
        (whole, decode) -> {
          int length = whole.limit();
          for (int cut = Wire.HEADER; cut < length; cut++) {
            ByteBuffer part = whole.duplicate().order(ByteOrder.LITTLE_ENDIAN).limit(cut);
            assertThrows(ProtocolException.class, () -> decode.apply(part));
          }
          ByteBuffer longer = whole.duplicate().order(ByteOrder.LITTLE_ENDIAN);
          longer.limit(length + 1);
          assertThrows(ProtocolException.class, () -> decode.apply(longer));
        };
    REQUESTS.forEach(r -> check.accept(encode(r), RequestCodec::decode));
    REPLIES.forEach(r -> check.accept(encode(r), ReplyCodec::decode));
  }

  @Test
  void damagedMessagesGiveAMessageOrAProtocolException() {
    Random random = new Random(20251124);
    int refused = 0;
    for (int round = 0; round < 30_000; round++) {
      boolean request = random.nextBoolean();
      ByteBuffer b =
          request
              ? encode(REQUESTS.get(random.nextInt(REQUESTS.size())))
              : encode(REPLIES.get(random.nextInt(REPLIES.size())));
      for (int n = random.nextInt(4); n >= 0; n--) {
        int at = random.nextInt(b.limit());
        b.put(at, random.nextInt(3) == 0 ? (byte) 0xff : (byte) random.nextInt(256));
      }
      try {
        Object decoded = request ? RequestCodec.decode(b) : ReplyCodec.decode(b);
        assertTrue(decoded != null);
      } catch (ProtocolException e) {
        refused++;
      }
    }
    assertTrue(refused > 1000, "refused: " + refused);
  }

  @Test
  void namesThatAreNoEntriesAreRefusedByTheReceiver() {
    for (String name : List.of(".", "..", "a/b", "/", "a\0b", "")) {
      ByteBuffer walk = encode(new Request.Walk(1, 2, List.of(name)));
      assertThrows(ProtocolException.class, () -> RequestCodec.decode(walk), name);
      ByteBuffer open = encode(new Request.Open(1, name, 0, 0));
      assertThrows(ProtocolException.class, () -> RequestCodec.decode(open), name);
      ByteBuffer rename = encode(new Request.Rename(1, "x", 1, name, 0));
      assertThrows(ProtocolException.class, () -> RequestCodec.decode(rename), name);
      ByteBuffer entries =
          encode(new Reply.Entries(List.of(new DirectoryEntry(name, 1, 8)), 1, true));
      assertThrows(ProtocolException.class, () -> ReplyCodec.decode(entries), name);
    }
  }

  @Test
  void whatDoesNotFitIsAnErrorOfTheSender() {
    assertEquals(
        Errno.ENAMETOOLONG, failure(() -> encode(new Request.ReadLink(1, "x".repeat(256)))));
    assertEquals(
        Errno.ENAMETOOLONG,
        failure(() -> encode(new Request.MakeSymlink(1, "x", "y".repeat(4096), 0, 0))));
    assertEquals(
        Errno.E2BIG,
        failure(() -> encode(new Request.SetXattr(1, "x", "user.a", new byte[65537], 0))));
    ByteBuffer small = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(
        Errno.EMSGSIZE,
        failure(() -> RequestCodec.encode(1, new Request.ReadLink(1, "long enough"), small)));
  }

  private static Errno failure(Runnable r) {
    return assertThrows(LinuxException.class, r::run).errno();
  }

  @Test
  void attributesOutOfRangeAreRefused() {
    List<FileStat> lies =
        List.of(
            with(0, 1, 5, 4096),
            with(FileMode.S_IFREG, -1, 5, 4096),
            with(FileMode.S_IFREG, 1, -5, 4096),
            with(FileMode.S_IFREG, 1, 5, 0),
            with(FileMode.S_IFREG | 1 << 20, 1, 5, 4096));
    for (FileStat s : lies) {
      assertThrows(
          ProtocolException.class,
          () -> ReplyCodec.decode(encode(new Reply.Attributes(s))),
          s.toString());
    }
  }

  private static FileStat with(int mode, long nlink, long size, int blockSize) {
    FileTime t = FileTime.EPOCH;
    return new FileStat(1, 1, mode, nlink, 0, 0, 0, size, blockSize, 0, t, t, t, t);
  }
}
