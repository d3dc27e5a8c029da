package io.loomvisor.gofer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.GoferFixture;
import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.gofer.client.OpenFile;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.wire.Detail;
import io.loomvisor.gofer.wire.DirectoryEntry;
import io.loomvisor.gofer.wire.ProtocolException;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class GoferServerTest {
  @TempDir Path temp;
  private Path inside;
  private Path outside;
  private GoferFixture gofer;

  @BeforeEach
  void start() throws Exception {
    inside = Files.createDirectory(temp.resolve("inside"));
    outside = Files.createDirectory(temp.resolve("outside"));
    Files.writeString(outside.resolve("secret"), "secret");
    gofer = new GoferFixture(inside, false);
  }

  @AfterEach
  void stop() throws Exception {
    gofer.close();
  }

  private Reply.Walked walk(int fid, int newFid, String... names) {
    return gofer.client.ask(new Request.Walk(fid, newFid, List.of(names)), Reply.Walked.class);
  }

  private Errno failure(Request r) {
    return failure(gofer, r);
  }

  private static Errno failure(GoferFixture of, Request r) {
    return assertInstanceOf(Reply.Failure.class, of.client.ask(r, Reply.class), r.toString())
        .errno();
  }

  private Errno openFailure(Request r) {
    return assertThrows(LinuxException.class, () -> gofer.client.open(r)).errno();
  }

  private static String contents(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment m = arena.allocate(1000);
      int n = (int) DescriptorCalls.pread(fd, m, 0);
      return new String(
          m.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }
  }

  @Test
  void symbolicLinksAreShownNeverFollowed() throws Exception {
    Files.createSymbolicLink(inside.resolve("out"), outside);
    Files.createSymbolicLink(inside.resolve("up"), Path.of("../outside"));
    Files.createSymbolicLink(inside.resolve("file"), outside.resolve("secret"));
    for (String link : List.of("out", "up")) {
      Reply.Walked w = walk(gofer.root, gofer.client.newFids(2), link, "secret");
      assertEquals(Errno.ENOTDIR, w.stopped());
      assertEquals(1, w.found().size());
      assertTrue(FileMode.isSymlink(w.found().getFirst().mode()));
    }
    int fid = gofer.client.newFid();
    Reply.Walked w = walk(gofer.root, fid, "up");
    assertNull(w.stopped());
    assertEquals("../outside", w.target());
    // A link binds no fid.
    assertEquals(Errno.EBADF, failure(new Request.GetAttributes(fid, "secret")));
    assertEquals(
        Errno.ELOOP, openFailure(new Request.Open(gofer.root, "file", OpenFlags.O_RDONLY, 0)));
    assertEquals(Errno.EEXIST, openFailure(new Request.Create(gofer.root, "file", 0644, 0, 0)));
    gofer.client.ask(
        new Request.SetFileAttributes(gofer.root, "file", SetAttributes.ofOwner(null, null)),
        Reply.Attributes.class);
    Request size = new Request.SetFileAttributes(gofer.root, "file", SetAttributes.ofSize(0));
    assertEquals(Errno.ELOOP, failure(size));
    assertEquals("secret", Files.readString(outside.resolve("secret")));
  }

  @Test
  void lookingBindsNothing() throws Exception {
    Files.createDirectories(inside.resolve("a/b"));
    Files.writeString(inside.resolve("a/b/f"), "12345");
    Files.createSymbolicLink(inside.resolve("a/l"), Path.of("b"));
    for (int i = 0; i < 3; i++) {
      Reply.Walked w = look("a", "b", "f");
      assertNull(w.stopped());
      assertEquals(4, w.found().size());
      assertEquals(5, w.found().getLast().size());
    }
    Reply.Walked missing = look("a", "x", "f");
    assertEquals(Errno.ENOENT, missing.stopped());
    assertEquals(2, missing.found().size());
    Reply.Walked link = look("a", "l", "f");
    assertEquals(Errno.ENOTDIR, link.stopped());
    assertEquals("b", look("a", "l").target());
    assertEquals(1, look().found().size());
    // What was passed is not kept: the same names may be another directory the next time.
    Files.move(inside.resolve("a"), inside.resolve("c"));
    Files.createDirectory(inside.resolve("a"));
    assertEquals(Errno.ENOENT, look("a", "b").stopped());
    assertNull(look("c", "b", "f").stopped());
  }

  private Reply.Walked look(String... names) {
    return gofer.client.ask(new Request.Look(gofer.root, List.of(names)), Reply.Walked.class);
  }

  @Test
  void aDirectoryThatTurnsIntoALinkLeadsNowhere() throws Exception {
    Files.createDirectories(inside.resolve("a/b"));
    int a = gofer.client.newFids(2);
    int b = a + 1;
    walk(gofer.root, a, "a", "b");
    Files.move(inside.resolve("a"), outside.resolve("moved"));
    Files.createSymbolicLink(inside.resolve("a"), outside);
    Reply.Walked again = walk(gofer.root, gofer.client.newFids(2), "a", "secret");
    assertEquals(Errno.ENOTDIR, again.stopped());
    for (int fid : List.of(a, b)) {
      Reply r =
          gofer.client.ask(
              new Request.Walk(fid, gofer.client.newFid(), List.of("secret")), Reply.class);
      if (r instanceof Reply.Failure(Errno errno)) {
        assertEquals(Errno.ESTALE, errno);
      } else {
        assertEquals(Errno.ENOENT, assertInstanceOf(Reply.Walked.class, r).stopped());
      }
    }
  }

  @Test
  void donatedDescriptorsAllowWhatWasAskedForOnly() throws Exception {
    Files.writeString(inside.resolve("f"), "contents");
    OpenFile read = gofer.client.open(new Request.Open(gofer.root, "f", OpenFlags.O_RDONLY, 0));
    assertEquals("contents", contents(read.fd()));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment m = arena.allocate(1);
      assertEquals(
          Errno.EBADF,
          assertThrows(LinuxException.class, () -> DescriptorCalls.pwrite(read.fd(), m, 0))
              .errno());
    }
    DescriptorCalls.close(read.fd());
    assertEquals(
        Errno.ESTALE,
        openFailure(new Request.Open(gofer.root, "f", OpenFlags.O_RDONLY, read.stat().ino() + 1)));
    OpenFile made = gofer.client.open(new Request.Create(gofer.root, "g", 04751, 0, 0));
    assertEquals(04751, made.stat().mode() & FileMode.PERMISSIONS);
    DescriptorCalls.truncate(made.fd(), 5);
    assertEquals(5, Files.size(inside.resolve("g")));
    DescriptorCalls.close(made.fd());
    OpenFile emptied =
        gofer.client.open(
            new Request.Open(gofer.root, "f", OpenFlags.O_RDWR | OpenFlags.O_TRUNC, 0));
    assertEquals(0, emptied.stat().size());
    DescriptorCalls.close(emptied.fd());
  }

  @Test
  void nothingButRegularFilesIsOpenedAndNoDeviceMade() {
    gofer.client.ask(
        new Request.MakeNode(gofer.root, "p", FileMode.S_IFIFO | 0600, 0, 0),
        Reply.Attributes.class);
    assertEquals(
        Errno.ENXIO, openFailure(new Request.Open(gofer.root, "p", OpenFlags.O_RDONLY, 0)));
    gofer.client.ask(
        new Request.MakeDirectory(gofer.root, "d", 0755, 0, 0), Reply.Attributes.class);
    assertEquals(
        Errno.EISDIR, openFailure(new Request.Open(gofer.root, "d", OpenFlags.O_RDONLY, 0)));
    for (int type : List.of(FileMode.S_IFCHR, FileMode.S_IFBLK)) {
      assertEquals(
          Errno.EPERM, failure(new Request.MakeNode(gofer.root, "dev", type | 0600, 0, 0)));
    }
  }

  @Test
  void readOnlyRootsRefuseEveryChange() throws Exception {
    Files.writeString(inside.resolve("f"), "f");
    try (Closing ro = new Closing(new GoferFixture(inside, true))) {
      GoferFixture g = ro.fixture;
      int root = g.root;
      List<Request> changes =
          List.of(
              new Request.MakeDirectory(root, "d", 0755, 0, 0),
              new Request.MakeSymlink(root, "l", "f", 0, 0),
              new Request.MakeNode(root, "p", FileMode.S_IFIFO, 0, 0),
              new Request.Link(root, "f", root, "g"),
              new Request.Unlink(root, "f", false),
              new Request.Rename(root, "f", root, "g", 0),
              new Request.SetFileAttributes(root, "f", SetAttributes.ofMode(0)),
              new Request.SetXattr(root, "f", "user.a", new byte[1], 0),
              new Request.RemoveXattr(root, "f", "user.a"));
      for (Request r : changes) {
        assertEquals(Errno.EROFS, failure(g, r), r.toString());
      }
      List<Request> opens =
          List.of(
              new Request.Open(root, "f", OpenFlags.O_RDWR, 0),
              new Request.Open(root, "f", OpenFlags.O_RDONLY | OpenFlags.O_TRUNC, 0),
              new Request.Create(root, "g", 0644, 0, 0));
      for (Request r : opens) {
        Errno e = assertThrows(LinuxException.class, () -> g.client.open(r)).errno();
        assertEquals(Errno.EROFS, e, r.toString());
      }
      OpenFile f = g.client.open(new Request.Open(root, "f", OpenFlags.O_RDONLY, 0));
      assertEquals("f", contents(f.fd()));
      DescriptorCalls.close(f.fd());
    }
    assertEquals("f", Files.readString(inside.resolve("f")));
  }

  /** A fixture for try-with-resources whose close throws nothing checked. */
  private record Closing(GoferFixture fixture) implements AutoCloseable {
    @Override
    public void close() {
      try {
        fixture.close();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void fidsFollowRenamedDirectoriesAndEndWithClunk() throws Exception {
    Files.createDirectories(inside.resolve("a/b/c"));
    Files.writeString(inside.resolve("a/b/c/f"), "f");
    int first = gofer.client.newFids(4);
    assertEquals(Errno.ENOENT, walk(gofer.root, first, "a", "b", "c", "d").stopped());
    int c = first + 2;
    gofer.client.ask(new Request.Rename(gofer.root, "a", gofer.root, "z", 0), Reply.Done.class);
    assertEquals(
        1,
        gofer.client.ask(new Request.GetAttributes(c, "f"), Reply.Attributes.class).stat().size());
    gofer.client.ask(new Request.Clunk(new int[] {c, 12345}), Reply.Done.class);
    assertEquals(Errno.EBADF, failure(new Request.GetAttributes(c, "f")));
    assertEquals(Errno.EBADF, failure(new Request.Walk(gofer.root, gofer.root, List.of("z"))));
    assertEquals(Errno.ENOENT, failure(new Request.Attach(7, gofer.client.newFid())));
  }

  @Test
  void moreDirectoriesThanStayOpenCanBeUsed() throws Exception {
    int n = DirectoryTable.MAX_OPEN * 2;
    int[] fids = new int[n];
    for (int i = 0; i < n; i++) {
      Files.createDirectory(inside.resolve("d" + i));
      fids[i] = gofer.client.newFid();
      assertNull(walk(gofer.root, fids[i], "d" + i).stopped());
    }
    for (int i = 0; i < n; i++) {
      gofer.client.ask(
          new Request.MakeDirectory(fids[i], "x" + i, 0755, 0, 0), Reply.Attributes.class);
    }
    for (int i = 0; i < n; i++) {
      assertTrue(Files.isDirectory(inside.resolve("d" + i + "/x" + i)));
    }
  }

  @Test
  void listsInBatchesWithoutDots() throws Exception {
    TreeSet<String> expected = new TreeSet<>();
    for (int i = 0; i < 3000; i++) {
      String name = "n".repeat(100) + i;
      Files.createFile(inside.resolve(name));
      expected.add(name);
    }
    TreeSet<String> seen = new TreeSet<>();
    long offset = 0;
    int batches = 0;
    boolean end;
    do {
      Reply.Entries e =
          gofer.client.ask(
              new Request.ReadDirectory(gofer.root, offset, Detail.ALL), Reply.Entries.class);
      for (DirectoryEntry entry : e.entries()) {
        assertTrue(seen.add(entry.name()), entry.name());
        assertEquals(entry.ino(), entry.stat().ino());
      }
      offset = e.next();
      end = e.end();
      batches++;
    } while (!end);
    assertEquals(expected, seen);
    assertTrue(batches > 2, "batches: " + batches);
  }

  private Reply.Entries readChild(String name, int newFid, FileStat expected) {
    return gofer.client.ask(
        new Request.ReadChild(
            gofer.root, name, newFid, expected.dev(), expected.ino(), Detail.DIRECTORIES),
        Reply.Entries.class);
  }

  private FileStat attributes(int fid, String name) {
    return gofer.client.ask(new Request.GetAttributes(fid, name), Reply.Attributes.class).stat();
  }

  @Test
  void readsAChildAndBindsIt() throws Exception {
    Files.createDirectories(inside.resolve("d/sub"));
    Files.createFile(inside.resolve("d/file"));
    Files.createSymbolicLink(inside.resolve("d/link"), inside.resolve("d"));
    FileStat d = attributes(gofer.root, "d");
    int fid = gofer.client.newFid();
    for (DirectoryEntry e : readChild("d", fid, d).entries()) {
      assertEquals(e.name().equals("sub"), e.stat() != null, e.name());
    }
    assertEquals(d.ino(), attributes(fid, "").ino());
    for (DirectoryEntry e :
        gofer
            .client
            .ask(new Request.ReadDirectory(fid, 0, Detail.ALL), Reply.Entries.class)
            .entries()) {
      assertEquals(attributes(fid, e.name()).ino(), e.stat().ino());
      assertEquals(e.name().equals("link") ? inside.resolve("d").toString() : null, e.target());
    }
  }

  @Test
  void aChildThatIsAnotherOneBindsNothing() throws Exception {
    Files.createDirectories(inside.resolve("d"));
    Files.createDirectories(inside.resolve("e"));
    Files.createFile(inside.resolve("f"));
    Files.createSymbolicLink(inside.resolve("l"), inside.resolve("d"));
    FileStat d = attributes(gofer.root, "d");
    int fid = gofer.client.newFid();
    for (String name : List.of("e", "f", "l")) {
      assertEquals(
          Errno.ESTALE,
          assertThrows(LinuxException.class, () -> readChild(name, fid, d)).errno(),
          name);
    }
    assertEquals(
        Errno.ENOENT, assertThrows(LinuxException.class, () -> readChild("none", fid, d)).errno());
    assertEquals(
        Errno.EBADF, assertThrows(LinuxException.class, () -> attributes(fid, "")).errno());
    readChild("d", fid, d);
    assertEquals(
        Errno.EBADF, assertThrows(LinuxException.class, () -> readChild("d", fid, d)).errno());
  }

  @Test
  void aMessageThatIsNoneEndsTheConnection() throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment junk = arena.allocate(64);
      junk.fill((byte) 0x5a);
      DescriptorCalls.send(gofer.sockets.client(), junk, 64, -1);
    }
    ExecutionException e =
        assertThrows(ExecutionException.class, () -> gofer.served.get(10, TimeUnit.SECONDS));
    assertInstanceOf(ProtocolException.class, e.getCause());
    assertFalse(gofer.lost.get(10, TimeUnit.SECONDS).isEmpty());
    assertEquals(
        Errno.EIO,
        assertThrows(
                LinuxException.class, () -> gofer.client.ask(new Request.Flush(), Reply.Done.class))
            .errno());
  }
}
