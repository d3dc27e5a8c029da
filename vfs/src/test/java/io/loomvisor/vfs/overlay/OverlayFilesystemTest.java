package io.loomvisor.vfs.overlay;

import static io.loomvisor.vfs.testing.Tree.fails;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.DeviceRegistry;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.mount.Mount;
import io.loomvisor.vfs.testing.TestPageStore;
import io.loomvisor.vfs.testing.Tree;
import io.loomvisor.vfs.tmpfs.TmpFilesystem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OverlayFilesystemTest {
  private static final int NOREPLACE = 1;
  private static final int EXCHANGE = 2;
  private final TestPageStore store = new TestPageStore(4096);
  private final TmpFilesystem lowerFs = Tree.tmpfs(store);
  private final TmpFilesystem upperFs = Tree.tmpfs(store);

  /** The lower layer, as it was made; changed only before the overlay looks. */
  private final Tree lower = Tree.on(lowerFs, store);

  private Tree t;
  private OverlayFilesystem overlay;

  @BeforeEach
  void layers() {
    lower.mkdir("/d");
    lower.mkdir("/d/sub");
    lower.write("/d/a", "lower a");
    lower.write("/d/b", "lower b");
    lower.write("/d/sub/deep", "deep");
    lower.write("/top", "top");
    lower.link("/top", "/d/toplink");
    lower.tree.symlink(lower.context(), "d/a", "/sym");
    overlay = new OverlayFilesystem(lowerFs, upperFs, DeviceRegistry.NONE, FileClock.SYSTEM);
    t = Tree.on(overlay, store);
  }

  private void chmod(String path, int mode) {
    t.tree.setAttributes(t.context(), t.walk(path), SetAttributes.ofMode(mode));
  }

  private void rename(String from, String to, int flags) {
    t.tree.rename(t.context(), from, t.context(), to, flags);
  }

  private Set<String> names(String path) {
    return new TreeSet<>(t.list(path));
  }

  private long upperInodes() {
    return upperFs.statfs().files() - upperFs.statfs().filesFree();
  }

  @Test
  void unchangedFilesAreTheLowerOnes() {
    assertEquals("lower a", t.read("/d/a"));
    assertEquals("lower a", t.read("/sym"));
    assertEquals(Set.of("a", "b", "sub", "toplink"), names("/d"));
    assertEquals(1, upperInodes(), "nothing but the upper root");
    FileDescription d = t.open("/d/a", OpenFlags.O_RDONLY);
    FileDescription l = lower.open("/d/a", OpenFlags.O_RDONLY);
    assertSame(l.mappable(), d.mappable(), "one page cache");
    d.release();
    l.release();
  }

  @Test
  void writingCopiesUpAndLeavesTheLowerFile() {
    FileDescription d = t.open("/d/a", OpenFlags.O_RDWR);
    assertEquals(5, Tree.write(d, "UPPER"));
    d.release();
    assertEquals("UPPER a", t.read("/d/a"));
    assertEquals("lower a", lower.read("/d/a"));
  }

  @Test
  void numbersOwnerTimesAndXattrsStayAcrossCopyUp() {
    lower.walk("/d/a").inode().setXattr("user.x", new byte[] {1, 2}, 0);
    lower.tree.setAttributes(
        lower.context(),
        lower.walk("/d/a"),
        new SetAttributes(0640, 7, 8, null, new FileTime(5, 6), new FileTime(7, 8)));
    FileStat before = t.stat("/d/a");
    FileDescription d = t.open("/d/a", OpenFlags.O_RDWR);
    d.release();
    FileStat after = t.stat("/d/a");
    assertEquals(before.ino(), after.ino());
    assertEquals(before.dev(), after.dev());
    assertEquals(overlay.device(), after.dev());
    assertEquals(FileMode.S_IFREG | 0640, after.mode());
    assertEquals(7, after.uid());
    assertEquals(8, after.gid());
    assertEquals(new FileTime(7, 8), after.mtime());
    assertEquals(new FileTime(5, 6), after.atime());
    assertEquals(before.btime(), after.btime());
    assertEquals(1, after.nlink());
    assertArrayEquals(new byte[] {1, 2}, t.walk("/d/a").inode().getXattr("user.x"));
  }

  @Test
  void changedAttributesDoNotCopyData() {
    int frames = store.used();
    chmod("/d/a", 0600);
    t.walk("/d/a").inode().setXattr("user.y", new byte[] {9}, 0);
    assertEquals(frames, store.used());
    FileStat s = t.stat("/d/a");
    assertEquals(FileMode.S_IFREG | 0600, s.mode());
    assertEquals(7, s.size());
    assertEquals("lower a", t.read("/d/a"));
    FileDescription d = t.open("/d/a", OpenFlags.O_WRONLY | OpenFlags.O_APPEND);
    Tree.write(d, "!");
    d.release();
    assertEquals("lower a!", t.read("/d/a"));
    assertEquals(FileMode.S_IFREG | 0600, t.stat("/d/a").mode());
    assertArrayEquals(new byte[] {9}, t.walk("/d/a").inode().getXattr("user.y"));
    assertEquals(FileMode.S_IFREG | 0644, lower.stat("/d/a").mode());
  }

  @Test
  void truncationCopiesOnlyWhatStays() {
    t.tree.setAttributes(t.context(), t.walk("/d/a"), SetAttributes.ofSize(3));
    assertEquals("low", t.read("/d/a"));
    t.tree.setAttributes(t.context(), t.walk("/d/b"), SetAttributes.ofSize(9));
    assertEquals("lower b\0\0", t.read("/d/b"));
    t.write("/top", "x");
    assertEquals("x", t.read("/top"));
    assertEquals("top", lower.read("/top"));
  }

  @Test
  void removedNamesStayRemoved() {
    t.tree.unlink(t.context(), "/d/a");
    assertFalse(t.exists("/d/a"));
    assertEquals(Set.of("b", "sub", "toplink"), names("/d"));
    t.write("/d/a", "new");
    assertEquals("new", t.read("/d/a"));
    assertEquals(Set.of("a", "b", "sub", "toplink"), names("/d"));
    t.tree.unlink(t.context(), "/d/a");
    assertFalse(t.exists("/d/a"));
    assertEquals("lower a", lower.read("/d/a"));
  }

  @Test
  void aMergedDirectoryIsEmptyWhenAllIsHidden() {
    fails(Errno.ENOTEMPTY, () -> t.tree.rmdir(t.context(), "/d/sub"));
    t.write("/d/sub/own", "x");
    t.tree.unlink(t.context(), "/d/sub/deep");
    fails(Errno.ENOTEMPTY, () -> t.tree.rmdir(t.context(), "/d/sub"));
    t.tree.unlink(t.context(), "/d/sub/own");
    t.tree.rmdir(t.context(), "/d/sub");
    assertFalse(t.exists("/d/sub"));
    t.mkdir("/d/sub");
    assertEquals(Set.of(), names("/d/sub"), "opaque");
    assertFalse(t.exists("/d/sub/deep"));
  }

  @Test
  void renamingALowerDirectoryKeepsWhatIsInIt() {
    FileStat before = t.stat("/d/sub/deep");
    rename("/d", "/e", 0);
    assertFalse(t.exists("/d"));
    assertEquals("lower a", t.read("/e/a"));
    assertEquals(before.ino(), t.stat("/e/sub/deep").ino());
    assertEquals(Set.of("a", "b", "sub", "toplink"), names("/e"));
    t.write("/e/sub/deep", "changed");
    rename("/e/sub", "/s2", 0);
    assertEquals("changed", t.read("/s2/deep"));
    assertEquals(Set.of("e", "s2", "sym", "top"), names("/"));
    t.mkdir("/d");
    assertEquals(Set.of(), names("/d"));
    rename("/e", "/d", 0);
    assertEquals(Set.of("a", "b", "toplink"), names("/d"));
    fails(Errno.EINVAL, () -> rename("/d", "/d/inner", 0));
  }

  @Test
  void renameReplacesExchangesAndRefuses() {
    rename("/d/a", "/d/b", 0);
    assertEquals("lower a", t.read("/d/b"));
    assertFalse(t.exists("/d/a"));
    fails(Errno.EEXIST, () -> rename("/top", "/d/b", NOREPLACE));
    rename("/top", "/d/b", EXCHANGE);
    assertEquals("lower a", t.read("/top"));
    assertEquals("top", t.read("/d/b"));
    rename("/d/sub", "/top", EXCHANGE);
    assertEquals("deep", t.read("/top/deep"));
    assertEquals("lower a", t.read("/d/sub"));
    fails(Errno.ENOTEMPTY, () -> rename("/d", "/top", 0));
    fails(Errno.EINVAL, () -> rename("/d", "/x", 4));
    fails(Errno.ENOTDIR, () -> rename("/d", "/sym", 0));
    fails(Errno.EISDIR, () -> rename("/sym", "/d", 0));
    assertEquals(Set.of("b", "sub", "toplink"), names("/d"));
  }

  @Test
  void allNamesOfALowerFileStayOneFile() {
    assertEquals(2, t.stat("/top").nlink());
    assertEquals(t.stat("/top").ino(), t.stat("/d/toplink").ino());
    t.write("/d/toplink", "both");
    assertEquals("both", t.read("/top"));
    t.link("/top", "/third");
    assertEquals(3, t.stat("/d/toplink").nlink());
    t.tree.unlink(t.context(), "/top");
    assertEquals(2, t.stat("/third").nlink());
    assertEquals("both", t.read("/third"));
    assertSame(t.walk("/third").inode(), t.walk("/d/toplink").inode());
  }

  @Test
  void aDescriptionOpenedBeforeSeesLaterWrites() {
    FileDescription old = t.open("/d/a", OpenFlags.O_RDONLY);
    Mappable mapped = old.mappable();
    assertEquals("low", Tree.read(old, 3));
    FileDescription w = t.open("/d/a", OpenFlags.O_RDWR);
    w.pwrite(Tree.bytes("LOWER"), 0);
    w.pwrite(Tree.bytes(" and more"), 7);
    assertEquals("ER a and more", Tree.readAll(old));
    assertEquals(16, old.stat().size());
    long frame = mapped.frame(0, false);
    assertEquals('l', store.segment(frame, 1).get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0));
    store.release(frame);
    old.release();
    w.release();
  }

  @Test
  void removedButOpenFilesLiveOnAndAreFreed() {
    long inodes = upperInodes();
    int frames = store.used();
    FileDescription d = t.open("/new", OpenFlags.O_RDWR | OpenFlags.O_CREAT);
    FileDescription r = t.open("/d/b", OpenFlags.O_RDONLY);
    Tree.write(d, "data");
    t.tree.unlink(t.context(), "/new");
    t.tree.unlink(t.context(), "/d/b");
    assertEquals(0, d.stat().nlink());
    assertEquals(0, r.stat().nlink());
    r.setAttributes(SetAttributes.ofMode(0600));
    assertEquals("lower b", Tree.readAll(r));
    byte[] all = new byte[4];
    assertEquals(4, d.pread(HeapBuffer.wrap(all), 0));
    d.release();
    r.release();
    assertEquals(frames, store.used());
    assertEquals(inodes + 2, upperInodes(), "the attributes of both directories");
  }

  @Test
  void listingsContinueWhileNamesChange() {
    for (int i = 0; i < 300; i++) {
      t.write("/d/n" + i, "");
    }
    FileDescription d = t.open("/d", OpenFlags.O_RDONLY);
    List<String> seen = new ArrayList<>();
    int[] room = {3};
    while (true) {
      int before = seen.size();
      room[0] = 3;
      d.readDirectory((name, ino, type, next) -> room[0]-- > 0 && seen.add(name));
      if (seen.size() == before) {
        break;
      }
      String last = seen.getLast();
      if (last.startsWith("n")) {
        t.tree.unlink(t.context(), "/d/" + last);
      }
    }
    assertEquals(306, seen.size());
    assertEquals(306, new HashSet<>(seen).size());
    d.seek(0, 0);
    List<Long> numbers = new ArrayList<>();
    d.readDirectory((name, ino, type, next) -> !name.equals("a") || numbers.add(ino));
    assertEquals(List.of(t.stat("/d/a").ino()), numbers);
    d.release();
  }

  @Test
  void newFilesOfAllKinds() {
    t.tree.mknod(t.context(), "/fifo", FileMode.S_IFIFO | 0666, 0);
    t.tree.symlink(t.context(), "d", "/dirlink");
    assertEquals("lower b", t.read("/dirlink/b"));
    FileDescription r = t.open("/fifo", OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK);
    FileDescription w = t.open("/fifo", OpenFlags.O_WRONLY | OpenFlags.O_NONBLOCK);
    Tree.write(w, "through");
    assertEquals("through", Tree.read(r, 100));
    w.release();
    r.release();
    fails(Errno.EPERM, () -> t.tree.mknod(t.context(), "/white", FileMode.S_IFCHR, 0));
    t.mkdir("/m");
    assertEquals(2, t.stat("/m").nlink());
    t.mkdir("/m/n");
    assertEquals(3, t.stat("/m").nlink());
    t.tree.rmdir(t.context(), "/m/n");
    assertEquals(2, t.stat("/m").nlink());
    assertNotEquals(t.stat("/m").ino(), t.stat("/d").ino());
    fails(Errno.EEXIST, () -> t.mkdir("/d"));
  }

  @Test
  void unnamedFilesGetNames() {
    FileDescription d =
        t.tree.open(t.context(), "/d", OpenFlags.O_RDWR | OpenFlags.O_TMPFILE, 0600, 0);
    Tree.write(d, "tmp");
    assertEquals(0, d.stat().nlink());
    t.tree.link(
        t.context(),
        new io.loomvisor.vfs.VfsPath(t.walk("/d").mount(), d.path().dentry()),
        "/d/named");
    assertEquals("tmp", t.read("/d/named"));
    assertEquals(1, d.stat().nlink());
    d.release();
    assertEquals("tmp", t.read("/d/named"));
  }

  @Test
  void directoriesGetNewTimesAndKeepOwners() throws Exception {
    lower.tree.setAttributes(
        lower.context(),
        lower.walk("/d"),
        new SetAttributes(02775, 5, 6, null, FileTime.EPOCH, FileTime.EPOCH));
    assertEquals(FileTime.EPOCH, t.stat("/d").mtime());
    t.write("/d/new", "");
    FileStat s = t.stat("/d");
    assertTrue(s.mtime().seconds() > 0);
    assertEquals(FileMode.S_IFDIR | 02775, s.mode());
    assertEquals(5, s.uid());
    assertEquals(6, t.stat("/d/new").gid(), "set-group-ID directory");
  }

  @Test
  void permissionsAreThoseOfTheMergedFile() {
    chmod("/d", 0755);
    Tree user = t.as(Credentials.of(1000, 1000));
    fails(Errno.EACCES, () -> user.open("/d/x", OpenFlags.O_WRONLY | OpenFlags.O_CREAT));
    fails(Errno.EACCES, () -> user.open("/d/a", OpenFlags.O_WRONLY));
    assertEquals("lower a", user.read("/d/a"));
  }

  @Test
  void holesStayHoles() {
    FileDescription d = lower.open("/sparse", OpenFlags.O_RDWR | OpenFlags.O_CREAT);
    d.pwrite(Tree.bytes("begin"), 0);
    d.pwrite(Tree.bytes("end"), 3_000_000);
    d.release();
    int frames = store.used();
    FileDescription o = t.open("/sparse", OpenFlags.O_RDWR);
    assertEquals(3_000_003, o.stat().size());
    assertEquals(frames + 2, store.used());
    byte[] end = new byte[3];
    assertEquals(3, o.pread(HeapBuffer.wrap(end), 3_000_000));
    assertEquals("end", new String(end, java.nio.charset.StandardCharsets.US_ASCII));
    o.release();
  }

  @Test
  void aFullUpperLayerLeavesTheFileAsItWas() {
    TmpFilesystem small =
        new TmpFilesystem(
            store,
            DeviceRegistry.NONE,
            FileClock.SYSTEM,
            new TmpFilesystem.Options(4, 100, 0755, 0, 0));
    FileDescription d = lower.open("/big", OpenFlags.O_RDWR | OpenFlags.O_CREAT);
    d.write(
        HeapBuffer.wrap("x".repeat(100_000).getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    d.release();
    int frames = store.used();
    Tree s =
        Tree.on(
            new OverlayFilesystem(lowerFs, small, DeviceRegistry.NONE, FileClock.SYSTEM), store);
    fails(Errno.ENOSPC, () -> s.open("/big", OpenFlags.O_RDWR));
    assertEquals(frames, store.used());
    assertEquals(100_000, s.read("/big").length());
    assertEquals(100_000, s.stat("/big").size());
    assertEquals(OverlayFilesystem.OVERLAYFS_SUPER_MAGIC, overlay.statfs().type());
  }

  @Test
  void manyWritersCopyUpOnce() throws InterruptedException {
    int writers = 16;
    CountDownLatch start = new CountDownLatch(1);
    AtomicInteger failures = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      int at = i;
      threads.add(
          Thread.startVirtualThread(
              () -> {
                try {
                  start.await();
                  FileDescription d = t.open("/d/a", OpenFlags.O_RDWR);
                  d.pwrite(Tree.bytes("" + (char) ('A' + at)), 100 + at);
                  d.release();
                  t.write("/d/file" + at, "x");
                  t.tree.unlink(t.context(), "/d/file" + at);
                } catch (InterruptedException | RuntimeException e) {
                  failures.incrementAndGet();
                }
              }));
    }
    start.countDown();
    for (Thread th : threads) {
      th.join();
    }
    assertEquals(0, failures.get());
    assertEquals("ABCDEFGHIJKLMNOP", t.read("/d/a").substring(100));
    assertTrue(t.read("/d/a").startsWith("lower a"));
  }

  @Test
  void randomChangesMatchAPlainFileSystem() {
    Tree plain = Tree.onTmpfs();
    plain.mkdir("/d");
    plain.mkdir("/d/sub");
    plain.write("/d/a", "lower a");
    plain.write("/d/b", "lower b");
    plain.write("/d/sub/deep", "deep");
    plain.write("/top", "top");
    plain.link("/top", "/d/toplink");
    java.util.Random random = new java.util.Random(11);
    String[] paths = {
      "/d",
      "/d/a",
      "/d/b",
      "/d/sub",
      "/d/sub/deep",
      "/top",
      "/d/toplink",
      "/n",
      "/d/n",
      "/d/sub/n",
      "/n/x",
      "/m",
      "/m/d"
    };
    t.tree.unlink(t.context(), "/sym");
    for (int step = 0; step < 3000; step++) {
      String p = paths[random.nextInt(paths.length)];
      String q = paths[random.nextInt(paths.length)];
      int kind = random.nextInt(8);
      String text = "s" + step;
      assertEquals(
          attempt(plain, kind, p, q, text),
          attempt(t, kind, p, q, text),
          step + " " + kind + " " + p + " " + q);
      if (step % 20 == 0) {
        assertEquals(dump(plain, "/"), dump(t, "/"), "after step " + step);
      }
    }
  }

  private static String attempt(Tree tree, int kind, String p, String q, String text) {
    try {
      switch (kind) {
        case 0 -> tree.mkdir(p);
        case 1 -> tree.write(p, text);
        case 2 -> tree.tree.unlink(tree.context(), p);
        case 3 -> tree.tree.rmdir(tree.context(), p);
        case 4 -> tree.rename(p, q);
        case 5 -> tree.link(p, q);
        case 6 -> tree.tree.rename(tree.context(), p, tree.context(), q, EXCHANGE);
        default ->
            tree.tree.setAttributes(
                tree.context(), tree.walk(p), SetAttributes.ofMode(0700 + text.length()));
      }
      return "ok";
    } catch (io.loomvisor.gofer.abi.LinuxException e) {
      return e.errno().name();
    }
  }

  private static String dump(Tree tree, String path) {
    StringBuilder s = new StringBuilder();
    for (String name : new TreeSet<>(tree.list(path))) {
      String child = path.equals("/") ? "/" + name : path + "/" + name;
      FileStat st = tree.lstat(child);
      s.append(child)
          .append(' ')
          .append(Integer.toOctalString(st.mode()))
          .append(' ')
          .append(st.nlink())
          .append(' ');
      s.append(
          FileMode.isDirectory(st.mode())
              ? "\n" + dump(tree, child)
              : st.size() + tree.read(child) + "\n");
    }
    return s.toString();
  }

  @Test
  void mountsSeeOneTree() {
    t.namespace.bind(t.walk("/d"), t.walk("/d/sub"), false);
    assertEquals("lower a", t.read("/d/sub/a"));
    t.write("/d/sub/a", "via bind");
    assertEquals("via bind", t.read("/d/a"));
    t.namespace.remount(t.walk("/d/sub"), Mount.MS_RDONLY);
    fails(Errno.EROFS, () -> t.open("/d/sub/a", OpenFlags.O_WRONLY));
    Inode inode = t.walk("/d/a").inode();
    assertEquals(overlay, inode.filesystem());
  }
}
