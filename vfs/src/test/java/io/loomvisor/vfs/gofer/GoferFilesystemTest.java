package io.loomvisor.vfs.gofer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.testing.Tree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class GoferFilesystemTest {
  @TempDir Path host;
  private GoferTree gofer;
  private Tree t;

  @BeforeEach
  void start() {
    gofer = new GoferTree(host, false);
    t = gofer.tree;
  }

  @AfterEach
  void stop() {
    gofer.close();
  }

  private String onHost(String name) throws Exception {
    return Files.readString(host.resolve(name));
  }

  @Test
  void readsWhatTheHostHas() throws Exception {
    Files.writeString(host.resolve("a"), "hello");
    assertEquals("hello", t.read("/a"));
    assertEquals(5, t.stat("/a").size());
    assertEquals(Files.getAttribute(host.resolve("a"), "unix:ino"), t.stat("/a").ino());
    assertFalse(t.exists("/b"));
  }

  @Test
  void createsAndWritesThrough() throws Exception {
    t.write("/new", "some text");
    assertEquals("some text", onHost("new"));
    assertEquals("some text", t.read("/new"));
    assertEquals(9, t.stat("/new").size());
    assertEquals(0644, t.stat("/new").mode() & 07777);
    t.write("/new", "x");
    assertEquals("x", onHost("new"));
    assertEquals("x", t.read("/new"));
  }

  @Test
  void appendsAtTheEnd() throws Exception {
    t.write("/log", "one,");
    FileDescription d = t.open("/log", OpenFlags.O_RDWR | OpenFlags.O_APPEND);
    assertEquals("one,", Tree.readAll(d));
    assertEquals(4, Tree.write(d, "two,"));
    assertEquals(2, d.pwrite(Tree.bytes("3,"), 0));
    d.release();
    assertEquals("one,two,3,", onHost("log"));
    assertEquals("one,two,3,", t.read("/log"));
  }

  @Test
  void writesInTheMiddleAndBeyondTheEndOfWhatIsCached() throws Exception {
    Files.writeString(host.resolve("f"), "a".repeat(10_000));
    FileDescription d = t.open("/f", OpenFlags.O_RDWR);
    assertEquals(10_000, Tree.readAll(d).length());
    d.pwrite(Tree.bytes("bb"), 4095);
    d.pwrite(Tree.bytes("end"), 20_000);
    d.release();
    String expected =
        "a".repeat(4095) + "bb" + "a".repeat(10_000 - 4097) + "\0".repeat(10_000) + "end";
    assertEquals(expected, t.read("/f"));
    assertEquals(expected, onHost("f"));
  }

  @Test
  void truncatesAndGrowsWithZeros() throws Exception {
    t.write("/f", "a".repeat(9000));
    assertEquals(9000, t.read("/f").length());
    t.tree.setAttributes(t.context(), t.walk("/f"), SetAttributes.ofSize(5000));
    assertEquals("a".repeat(5000), t.read("/f"));
    FileDescription d = t.open("/f", OpenFlags.O_RDWR);
    d.truncate(6000);
    assertEquals("a".repeat(5000) + "\0".repeat(1000), Tree.readAll(d));
    d.release();
    assertEquals("a".repeat(5000) + "\0".repeat(1000), onHost("f"));
  }

  @Test
  void makesAndRemovesDirectories() {
    t.mkdir("/d");
    t.mkdir("/d/e");
    t.write("/d/e/f", "1");
    assertEquals("1", t.read("/d/e/f"));
    assertEquals(3, t.stat("/d").nlink());
    Tree.fails(Errno.ENOTEMPTY, () -> t.tree.rmdir(t.context(), "/d"));
    t.tree.unlink(t.context(), "/d/e/f");
    t.tree.rmdir(t.context(), "/d/e");
    assertEquals(2, t.stat("/d").nlink());
    t.tree.rmdir(t.context(), "/d");
    assertFalse(t.exists("/d"));
    assertFalse(Files.exists(host.resolve("d")));
    t.mkdir("/d");
    assertEquals(List.of(), t.list("/d"));
  }

  @Test
  void aRemovedDirectoryIsEmptyAndTakesNoNames() {
    t.mkdir("/d");
    VfsPath d = t.walk("/d");
    t.tree.rmdir(t.context(), "/d");
    FileDescription open = d.inode().open(d, OpenFlags.O_RDONLY, null);
    open.readDirectory((name, ino, type, next) -> name.startsWith("."));
    open.release();
    assertEquals(0, d.inode().stat().nlink());
    Tree.fails(
        Errno.ENOENT,
        () -> t.tree.open(t.contextAt(d), "x", OpenFlags.O_CREAT | OpenFlags.O_RDWR, 0666, 0));
  }

  @Test
  void renamesFilesAndTreesOfDirectories() throws Exception {
    t.write("/a", "A");
    t.write("/b", "B");
    Inode a = t.walk("/a").inode();
    t.rename("/a", "/b");
    assertSame(a, t.walk("/b").inode());
    assertEquals("A", t.read("/b"));
    assertFalse(t.exists("/a"));
    t.mkdir("/d");
    t.mkdir("/d/e");
    t.write("/d/e/f", "F");
    t.mkdir("/g");
    t.rename("/d", "/g/d2");
    assertEquals("F", t.read("/g/d2/e/f"));
    assertEquals("F", onHost("g/d2/e/f"));
    t.write("/g/d2/e/new", "N");
    assertEquals("N", onHost("g/d2/e/new"));
    assertFalse(t.exists("/d"));
  }

  @Test
  void renameFlags() throws Exception {
    t.write("/a", "A");
    t.write("/b", "B");
    Tree.fails(Errno.EEXIST, () -> t.tree.rename(t.context(), "/a", t.context(), "/b", 1));
    t.tree.rename(t.context(), "/a", t.context(), "/b", 2);
    assertEquals("B", t.read("/a"));
    assertEquals("A", t.read("/b"));
    assertEquals("B", onHost("a"));
    t.tree.setAttributes(t.context(), t.walk("/a"), SetAttributes.ofMode(0600));
    assertEquals("rw-------", permissions("a"));
  }

  private String permissions(String name) throws Exception {
    return java.nio.file.attribute.PosixFilePermissions.toString(
        Files.getPosixFilePermissions(host.resolve(name)));
  }

  @Test
  void hardLinksAreOneInode() throws Exception {
    Files.writeString(host.resolve("a"), "12");
    Files.createLink(host.resolve("b"), host.resolve("a"));
    assertSame(t.walk("/a").inode(), t.walk("/b").inode());
    t.link("/a", "/c");
    assertSame(t.walk("/a").inode(), t.walk("/c").inode());
    assertEquals(3, t.stat("/b").nlink());
    t.write("/c", "changed");
    assertEquals("changed", t.read("/a"));
    t.tree.unlink(t.context(), "/a");
    assertEquals(2, t.stat("/c").nlink());
    t.tree.setAttributes(t.context(), t.walk("/c"), SetAttributes.ofMode(0640));
    assertEquals(0640, t.stat("/b").mode() & 07777);
    assertEquals("rw-r-----", permissions("b"));
  }

  @Test
  void anOpenFileOutlivesItsName() {
    t.write("/f", "before");
    FileDescription d = t.open("/f", OpenFlags.O_RDWR);
    t.tree.unlink(t.context(), "/f");
    assertFalse(t.exists("/f"));
    assertEquals(0, d.stat().nlink());
    assertEquals("before", Tree.readAll(d));
    Tree.write(d, " after");
    assertEquals(12, d.stat().size());
    d.setAttributes(SetAttributes.ofMode(0700));
    assertEquals(0700, d.stat().mode() & 07777);
    d.truncate(3);
    d.seek(0, 0);
    assertEquals("bef", Tree.readAll(d));
    d.release();
    assertEquals(0, gofer.store.used());
  }

  @Test
  void anOpenFileOutlivesItsOnlyKnownNameThoughTheHostHasAnother() throws Exception {
    Files.writeString(host.resolve("a"), "text");
    Files.createLink(host.resolve("b"), host.resolve("a"));
    FileDescription d = t.open("/a", OpenFlags.O_RDWR);
    t.tree.unlink(t.context(), "/a");
    assertEquals(1, gofer.filesystem.openFiles().kept());
    assertEquals(1, d.stat().nlink());
    assertEquals("text", Tree.readAll(d));
    Tree.write(d, "+more");
    d.release();
    assertEquals(0, gofer.filesystem.openFiles().kept());
    assertEquals("text+more", t.read("/b"));
    FileDescription gone = t.open("/b", OpenFlags.O_RDONLY);
    t.tree.unlink(t.context(), "/b");
    assertEquals(1, gofer.filesystem.openFiles().kept());
    gone.release();
    assertEquals(0, gofer.filesystem.openFiles().kept());
    assertEquals(0, gofer.store.used());
  }

  @Test
  void theNumberOfAGoneFileMayComeBack() {
    Inode first = null;
    for (int i = 0; i < 20; i++) {
      t.write("/f", "round " + i);
      Inode now = t.walk("/f").inode();
      assertNotSame(first, now);
      assertEquals("round " + i, t.read("/f"));
      t.tree.unlink(t.context(), "/f");
      first = now;
    }
    assertEquals(0, gofer.store.used());
  }

  @Test
  void replacedFilesLeaveNoFrames() {
    t.write("/f", "x".repeat(5000));
    for (int i = 0; i < 10; i++) {
      t.write("/g", "y".repeat(9000));
      assertEquals(9000, t.read("/g").length());
      t.rename("/g", "/f");
    }
    assertTrue(gofer.store.used() <= 3, "frames in use: " + gofer.store.used());
    assertEquals("y".repeat(9000), t.read("/f"));
  }

  @Test
  void symbolicLinksAndFifosAndSockets() throws Exception {
    t.tree.symlink(t.context(), "target/../x", "/l");
    assertEquals("target/../x", t.tree.readlink(t.context(), "/l", 0));
    assertEquals(Path.of("target/../x"), Files.readSymbolicLink(host.resolve("l")));
    assertTrue(FileMode.isSymlink(t.lstat("/l").mode()));
    t.tree.mknod(t.context(), "/p", FileMode.S_IFIFO | 0600, 0);
    FileDescription both = t.open("/p", OpenFlags.O_RDWR);
    Tree.write(both, "through");
    assertEquals("through", Tree.read(both, 100));
    both.release();
    t.tree.mknod(t.context(), "/s", FileMode.S_IFSOCK | 0600, 0);
    Tree.fails(Errno.ENXIO, () -> t.open("/s", OpenFlags.O_RDONLY));
    Tree.fails(Errno.EPERM, () -> t.tree.mknod(t.context(), "/c", FileMode.S_IFCHR | 0600, 0x103));
  }

  @Test
  void negativeLookupsLearnOfNewNames() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertFalse(t.exists("/absent" + i));
    }
    t.write("/absent3", "now");
    t.mkdir("/absent4");
    t.tree.symlink(t.context(), "absent3", "/absent5");
    t.link("/absent3", "/absent6");
    t.rename("/absent6", "/absent7");
    assertEquals("now", t.read("/absent5"));
    assertEquals("now", t.read("/absent7"));
    assertFalse(t.exists("/absent6"));
    assertEquals(
        List.of("absent3", "absent4", "absent5", "absent7"),
        t.list("/").stream().sorted().toList());
  }

  @Test
  void listsFiveThousandEntriesInPieces() throws Exception {
    TreeSet<String> expected = new TreeSet<>();
    for (int i = 0; i < 5000; i++) {
      String name = "entry-with-a-long-name-" + i;
      Files.createFile(host.resolve(name));
      expected.add(name);
    }
    FileDescription d = t.open("/", OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    TreeSet<String> seen = new TreeSet<>();
    int before;
    do {
      before = seen.size();
      int[] room = {100};
      d.readDirectory((name, ino, type, next) -> room[0]-- > 0 && (seen.add(name) || true));
    } while (seen.size() > before);
    d.release();
    expected.addAll(List.of(".", ".."));
    assertEquals(expected, seen);
  }

  @Test
  void deepPathsOverLinksAndMissingNames() throws Exception {
    Files.createDirectories(host.resolve("usr/lib/deep/er"));
    Files.writeString(host.resolve("usr/lib/deep/er/f"), "found");
    Files.createSymbolicLink(host.resolve("lib"), Path.of("usr/lib"));
    Files.createSymbolicLink(host.resolve("usr/lib/deep/up"), Path.of("../deep/er"));
    assertFalse(t.exists("/usr/lib/deep/none/f"));
    Tree.fails(Errno.ENOTDIR, () -> t.stat("/usr/lib/deep/er/f/x"));
    assertEquals("found", t.read("/lib/deep/up/f"));
    assertEquals("found", t.read("/lib/../lib/./deep/er/f"));
    assertSame(t.walk("/usr/lib/deep").inode(), t.walk("/lib/deep").inode());
    assertFalse(t.exists("/usr/lib/deep/er/later"));
    assertFalse(t.exists("/usr/lib/deep/er/later"));
    t.write("/usr/lib/deep/er/later", "now");
    assertEquals("now", t.read("/lib/deep/up/later"));
  }

  @Test
  void attributesAskedForInAdvanceStayTrue() throws Exception {
    for (int i = 0; i < 40; i++) {
      Files.writeString(host.resolve("f" + i), "content " + i);
    }
    Files.createLink(host.resolve("other"), host.resolve("f30"));
    t.write("/other", "changed by its other name");
    for (int i = 0; i < 20; i++) {
      assertEquals("content " + i, t.read("/f" + i));
    }
    t.tree.unlink(t.context(), "/f25");
    t.rename("/f26", "/f27");
    t.write("/f28", "new");
    assertFalse(t.exists("/f25"));
    assertFalse(t.exists("/f26"));
    assertEquals("content 26", t.read("/f27"));
    assertEquals("new", t.read("/f28"));
    assertEquals("changed by its other name", t.read("/f30"));
    assertSame(t.walk("/other").inode(), t.walk("/f30").inode());
    for (int i = 31; i < 40; i++) {
      assertEquals("content " + i, t.read("/f" + i));
    }
  }

  private long requests() {
    return gofer.client.counts().byKind().values().stream().mapToLong(c -> c.count()).sum();
  }

  @Test
  void aTreeIsReadWithOneMessageForEachDirectory() throws Exception {
    for (int d = 0; d < 20; d++) {
      Path directory = Files.createDirectories(host.resolve("d" + d + "/sub"));
      for (int f = 0; f < 30; f++) {
        Files.writeString(directory.resolve("f" + f), "x".repeat(f));
      }
      Files.createSymbolicLink(directory.resolve("l"), Path.of("f1"));
    }
    long before = requests();
    t.list("/");
    for (int d = 0; d < 20; d++) {
      assertEquals(List.of("sub"), t.list("/d" + d));
      assertEquals(31, t.list("/d" + d + "/sub").size());
      for (int f = 0; f < 30; f++) {
        assertEquals(f, t.stat("/d" + d + "/sub/f" + f).size());
      }
      assertEquals("f1", t.tree.readlink(t.context(), "/d" + d + "/sub/l", 0));
    }
    assertEquals(41, requests() - before);
  }

  @Test
  void whoOnlyListsGetsNoAttributesOfFiles() throws Exception {
    for (int d = 0; d < 4; d++) {
      Files.writeString(Files.createDirectory(host.resolve("d" + d)).resolve("f"), "x");
    }
    t.list("/");
    for (int d = 0; d < 4; d++) {
      t.list("/d" + d);
    }
    long before = requests();
    t.stat("/d3/f");
    assertEquals(1, requests() - before);
    t.list("/d2");
    assertEquals(1, t.stat("/d2/f").size());
  }

  @Test
  void aFileForeseenByTwoNamesNoticesThatOneGoes() throws Exception {
    Files.writeString(host.resolve("a"), "text");
    Files.createLink(host.resolve("b"), host.resolve("a"));
    Files.createSymbolicLink(host.resolve("l"), Path.of("a"));
    t.list("/");
    t.tree.unlink(t.context(), "/a");
    assertEquals(1, t.stat("/b").nlink());
    t.tree.unlink(t.context(), "/l");
    assertFalse(t.exists("/l"));
    Tree.fails(Errno.ENOENT, () -> t.lstat("/l"));
    t.tree.symlink(t.context(), "b", "/l");
    assertEquals("b", t.tree.readlink(t.context(), "/l", 0));
  }

  @Test
  void moreDirectoriesThanMayHaveAFid() throws Exception {
    int n = 8192 + 600;
    for (int i = 0; i < n; i++) {
      Files.createDirectory(host.resolve("d" + i));
    }
    for (int i = 0; i < n; i++) {
      assertTrue(FileMode.isDirectory(t.walk("/d" + i).inode().mode()));
    }
    t.rename("/d3", "/moved");
    for (int i = 0; i < 400; i++) {
      if (i != 3) {
        t.write("/d" + i + "/f", "x");
      }
    }
    t.write("/moved/f", "y");
    assertEquals("y", onHost("moved/f"));
    assertEquals("x", onHost("d7/f"));
  }

  @Test
  void changesAttributes() throws Exception {
    t.write("/f", "1");
    t.tree.setAttributes(t.context(), t.walk("/f"), SetAttributes.ofMode(0751));
    t.tree.setAttributes(
        t.context(), t.walk("/f"), SetAttributes.ofTimes(new FileTime(5, 6), new FileTime(7, 8)));
    assertEquals(new FileTime(5, 6), t.stat("/f").atime());
    assertEquals(new FileTime(7, 8), t.stat("/f").mtime());
    assertEquals(FileMode.S_IFREG | 0751, t.stat("/f").mode());
    assertEquals("rwxr-x--x", permissions("f"));
    FileTime ctime = t.stat("/").mtime();
    t.write("/f", "longer");
    assertNotEquals(new FileTime(7, 8), t.stat("/f").mtime());
    assertEquals(ctime, t.stat("/").mtime());
    t.mkdir("/d");
    assertEquals(
        Files.getLastModifiedTime(host).toMillis(),
        t.stat("/").mtime().seconds() * 1000 + t.stat("/").mtime().nanos() / 1_000_000);
  }

  @Test
  void keepsUserAttributes() {
    t.write("/f", "1");
    Inode f = t.walk("/f").inode();
    try {
      f.setXattr("user.color", new byte[] {1, 2}, 0);
    } catch (io.loomvisor.gofer.abi.LinuxException e) {
      org.junit.jupiter.api.Assumptions.abort(
          "no user attributes in the host's temporary directory: " + e.errno());
    }
    assertArrayEquals(new byte[] {1, 2}, f.getXattr("user.color"));
    assertEquals(List.of("user.color"), f.listXattr());
    Tree.fails(Errno.EEXIST, () -> f.setXattr("user.color", new byte[1], 1));
    f.removeXattr("user.color");
    Tree.fails(Errno.ENODATA, () -> f.getXattr("user.color"));
    Tree.fails(Errno.EOPNOTSUPP, () -> f.setXattr("security.capability", new byte[1], 0));
  }

  @Test
  void readOnlyRefusesEveryChange() throws Exception {
    Files.writeString(host.resolve("f"), "f");
    try (GoferTree ro = new GoferTree(host, true)) {
      Tree r = ro.tree;
      assertEquals("f", r.read("/f"));
      List<Runnable> changes =
          List.of(
              () -> r.write("/f", "x"),
              () -> r.write("/g", "x"),
              () -> r.mkdir("/d"),
              () -> r.rename("/f", "/g"),
              () -> r.link("/f", "/g"),
              () -> r.tree.unlink(r.context(), "/f"),
              () -> r.tree.symlink(r.context(), "x", "/l"),
              () -> r.walk("/f").inode().setXattr("user.x", new byte[1], 0),
              () -> r.tree.setAttributes(r.context(), r.walk("/f"), SetAttributes.ofMode(0)));
      changes.forEach(c -> Tree.fails(Errno.EROFS, c));
    }
    assertEquals("f", onHost("f"));
  }

  @Test
  void whatTheHostChangesInAReadOnlyTreeShowsAtTheNextOpen() throws Exception {
    Files.writeString(host.resolve("log"), "one\n");
    try (GoferTree ro = new GoferTree(host, true)) {
      assertEquals("one\n", ro.tree.read("/log"));
      Files.writeString(host.resolve("log"), "ONE\ntwo\n");
      assertEquals("ONE\ntwo\n", ro.tree.read("/log"));
      assertEquals(8, ro.tree.stat("/log").size());
      Files.delete(host.resolve("log"));
      assertEquals("ONE\ntwo\n", ro.tree.read("/log"));
      ro.filesystem.openFiles().forget((GoferRegular) ro.tree.walk("/log").inode());
      Tree.fails(Errno.ESTALE, () -> ro.tree.read("/log"));
    }
  }

  @Test
  void aDeadGoferMakesEverythingFailWithEio() {
    t.write("/f", "x");
    t.mkdir("/d");
    gofer.killGofer();
    Tree.fails(Errno.EIO, () -> t.stat("/unknown"));
    Tree.fails(Errno.EIO, () -> t.write("/new", "x"));
    Tree.fails(Errno.EIO, () -> t.tree.unlink(t.context(), "/f"));
    Tree.fails(Errno.EIO, () -> t.list("/d"));
  }

  @Test
  void tasksThatFightOverNamesLeaveAConsistentTree() throws Exception {
    int rounds = 150;
    AtomicReference<Throwable> failure = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(4);
    for (int n = 0; n < 4; n++) {
      String mine = "/t" + n;
      Thread.startVirtualThread(
          () -> {
            try {
              for (int i = 0; i < rounds; i++) {
                t.write(mine, mine + i);
                assertEquals(mine + i, t.read(mine));
                t.rename(mine, "/shared");
                try {
                  String s = t.read("/shared");
                  assertTrue(s.startsWith("/t"), s);
                } catch (io.loomvisor.gofer.abi.LinuxException e) {
                  assertTrue(
                      e.errno() == Errno.ENOENT || e.errno() == Errno.ESTALE, e.errno().name());
                }
              }
            } catch (Throwable e) {
              failure.set(e);
            } finally {
              done.countDown();
            }
          });
    }
    done.await();
    if (failure.get() != null) {
      throw new AssertionError(failure.get());
    }
    assertEquals(List.of("shared"), t.list("/"));
    assertEquals(onHost("shared"), t.read("/shared"));
  }
}
