package io.loomvisor.vfs.gofer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.testing.Tree;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the host changes in a shared tree shows at once, and what is changed here is there. */
@Timeout(60)
class SharedTreeTest {
  @TempDir Path host;
  private GoferTree gofer;
  private Tree t;

  @BeforeEach
  void start() {
    gofer = new GoferTree(host, FileAccess.SHARED);
    t = gofer.tree;
  }

  @AfterEach
  void stop() {
    gofer.close();
  }

  private void hostWrites(String name, String text) throws Exception {
    Path file = host.resolve(name);
    Files.writeString(file, text, StandardCharsets.ISO_8859_1);
    Files.setAttribute(file, "unix:mode", 0644);
  }

  private void hostReplaces(String name, String text) throws Exception {
    hostWrites(".new", text);
    Files.move(host.resolve(".new"), host.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private String onHost(String name) throws Exception {
    return Files.readString(host.resolve(name), StandardCharsets.ISO_8859_1);
  }

  @Test
  void namesThatComeAndGo() throws Exception {
    assertFalse(t.exists("/a"));
    hostWrites("a", "1");
    assertTrue(t.exists("/a"));
    Files.delete(host.resolve("a"));
    assertFalse(t.exists("/a"));
    Files.createDirectories(host.resolve("d/e"));
    hostWrites("d/e/f", "deep");
    assertEquals("deep", t.read("/d/e/f"));
    Files.move(host.resolve("d/e"), host.resolve("d/g"));
    assertFalse(t.exists("/d/e/f"));
    assertEquals("deep", t.read("/d/g/f"));
    Files.move(host.resolve("d"), host.resolve("h"));
    assertFalse(t.exists("/d/g/f"));
    assertFalse(t.exists("/d"));
    assertEquals("deep", t.read("/h/g/f"));
    t.write("/h/g/new", "made here");
    assertEquals("made here", onHost("h/g/new"));
  }

  @Test
  void contentsThatChange() throws Exception {
    hostWrites("f", "one");
    FileDescription d = t.open("/f", OpenFlags.O_RDONLY);
    assertEquals("one", Tree.read(d, 100));
    hostWrites("f", "another");
    assertEquals("another", t.read("/f"));
    assertEquals("ther", Tree.read(d, 100));
    assertEquals(7, d.stat().size());
    assertEquals(7, t.stat("/f").size());
    hostWrites("f", "ano");
    assertEquals(3, d.seek(0, 2));
    assertEquals("", Tree.read(d, 100));
    d.release();
    hostWrites("f", "");
    assertEquals("", t.read("/f"));
  }

  @Test
  void aReplacedFileIsAnother() throws Exception {
    hostWrites("f", "old");
    FileDescription d = t.open("/f", OpenFlags.O_RDWR);
    Inode old = t.walk("/f").inode();
    hostReplaces("f", "new");
    assertEquals("new", t.read("/f"));
    assertNotSame(old, t.walk("/f").inode());
    assertEquals("old", Tree.read(d, 100));
    assertEquals(3, Tree.write(d, "er" + "!"));
    assertEquals(0, d.stat().nlink());
    assertEquals("new", onHost("f"));
    d.release();
    // Changes of attributes go to the file that was opened or nowhere.
    FileDescription again = t.open("/f", OpenFlags.O_RDWR);
    hostReplaces("f", "third");
    Tree.fails(
        Errno.ESTALE,
        () ->
            t.tree.setAttributes(
                t.context(),
                new VfsPath(again.path().mount(), again.path().dentry()),
                SetAttributes.ofMode(0600)));
    assertEquals(0644, t.stat("/f").mode() & 07777);
    again.release();
  }

  @Test
  void anOpenFileOutlivesItsName() throws Exception {
    hostWrites("f", "kept");
    List<FileDescription> many = new ArrayList<>();
    FileDescription d = t.open("/f", OpenFlags.O_RDONLY);
    Files.delete(host.resolve("f"));
    for (int i = 0; i < 300; i++) {
      hostWrites("g" + i, "g");
      many.add(t.open("/g" + i, OpenFlags.O_RDONLY));
    }
    assertEquals("kept", Tree.read(d, 100));
    assertEquals(301, gofer.filesystem.openFiles().kept());
    many.forEach(FileDescription::release);
    d.release();
    assertEquals(0, gofer.filesystem.openFiles().kept());
  }

  @Test
  void listingsAreFresh() throws Exception {
    hostWrites("a", "");
    hostWrites("b", "");
    assertEquals(new TreeSet<>(List.of("a", "b")), new TreeSet<>(t.list("/")));
    assertTrue(t.exists("/a"));
    Files.delete(host.resolve("a"));
    hostWrites("c", "");
    assertEquals(new TreeSet<>(List.of("b", "c")), new TreeSet<>(t.list("/")));
  }

  @Test
  void linksThatChangeTheirTarget() throws Exception {
    hostWrites("a", "A");
    hostWrites("b", "B");
    for (int i = 0; i < 20; i++) {
      Files.deleteIfExists(host.resolve("l"));
      Files.createSymbolicLink(host.resolve("l"), Path.of(i % 2 == 0 ? "a" : "b"));
      assertEquals(i % 2 == 0 ? "A" : "B", t.read("/l"));
    }
    Files.delete(host.resolve("l"));
    Files.createDirectory(host.resolve("l"));
    hostWrites("l/x", "X");
    assertEquals("X", t.read("/l/x"));
  }

  @Test
  void attributesThatChange() throws Exception {
    hostWrites("f", "x");
    assertEquals(0644, t.stat("/f").mode() & 07777);
    Files.setAttribute(host.resolve("f"), "unix:mode", 0600);
    assertEquals(0600, t.stat("/f").mode() & 07777);
    Files.setAttribute(host, "unix:mode", 0711);
    assertEquals(0711, t.stat("/").mode() & 07777);
    Files.createLink(host.resolve("g"), host.resolve("f"));
    assertEquals(2, t.stat("/f").nlink());
    assertSame(t.walk("/f").inode(), t.walk("/g").inode());
    Files.delete(host.resolve("f"));
    assertEquals("x", t.read("/g"));
    t.tree.setAttributes(t.context(), t.walk("/g"), SetAttributes.ofMode(0640));
    assertEquals(0640, (int) Files.getAttribute(host.resolve("g"), "unix:mode") & 07777);
  }

  @Test
  void appendsGoToTheEndThatTheHostHas() throws Exception {
    FileDescription d = t.open("/log", OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_APPEND);
    Tree.write(d, "a");
    Files.writeString(host.resolve("log"), "HOST", StandardOpenOption.APPEND);
    Tree.write(d, "b");
    assertEquals(6, d.seek(0, 1));
    assertEquals("aHOSTb", onHost("log"));
    hostWrites("log", "");
    Tree.write(d, "c");
    assertEquals("c", onHost("log"));
    d.release();
  }

  @Test
  void whatIsMadeHereCollidesWithWhatTheHostMakes() throws Exception {
    assertFalse(t.exists("/a"));
    hostWrites("a", "host's");
    Tree.fails(
        Errno.EEXIST, () -> t.open("/a", OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL));
    FileDescription d = t.open("/a", OpenFlags.O_RDWR | OpenFlags.O_CREAT);
    assertEquals("host's", Tree.readAll(d));
    d.release();
    Tree.fails(Errno.EEXIST, () -> t.mkdir("/a"));
    t.write("/b", "b");
    Files.delete(host.resolve("b"));
    Tree.fails(Errno.ENOENT, () -> t.tree.unlink(t.context(), "/b"));
    t.mkdir("/d");
    Files.delete(host.resolve("d"));
    hostWrites("d", "now a file");
    assertEquals("now a file", t.read("/d"));
    t.rename("/d", "/a");
    assertEquals("now a file", onHost("a"));
    t.tree.unlink(t.context(), "/a");
    assertFalse(Files.exists(host.resolve("a")));
  }

  @Test
  void aFileThatIsReplacedAllTheTimeIsAlwaysThere() throws Exception {
    hostReplaces("f", "0".repeat(5000));
    Thread replacer =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    for (int i = 1; i < 2000; i++) {
                      hostReplaces("f", Integer.toString(i % 10).repeat(5000));
                    }
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                });
    while (replacer.isAlive()) {
      String text = t.read("/f");
      assertEquals(text.substring(0, 1).repeat(5000), text);
      assertEquals(5000, t.stat("/f").size());
      assertTrue(t.list("/").contains("f"));
    }
    replacer.join();
    assertEquals(onHost("f"), t.read("/f"));
  }

  @Test
  void bothMakeAndRemoveNames() throws Exception {
    List<Thread> writers = new ArrayList<>();
    for (int w = 0; w < 2; w++) {
      writers.add(Thread.ofPlatform().start(() -> churnHere()));
    }
    while (writers.stream().anyMatch(Thread::isAlive)) {
      for (int i = 0; i < 4; i++) {
        Files.writeString(host.resolve("x" + i), "host");
        Files.deleteIfExists(host.resolve("x" + (i + 1) % 4));
      }
    }
    for (Thread w : writers) {
      w.join();
    }
    List<String> left = t.list("/");
    for (String name : left) {
      assertEquals(onHost(name), t.read("/" + name));
      t.tree.unlink(t.context(), "/" + name);
    }
    assertEquals(List.of(), t.list("/"));
  }

  private void churnHere() {
    for (int i = 0; i < 500; i++) {
      String name = "/x" + i % 4;
      try {
        FileDescription d = t.open(name, OpenFlags.O_RDWR | OpenFlags.O_CREAT);
        Tree.write(d, "here");
        d.release();
        t.rename(name, "/x" + (i + 2) % 4);
        t.tree.unlink(t.context(), "/x" + (i + 2) % 4);
      } catch (LinuxException e) {
        assertEquals(Errno.ENOENT, e.errno()); // the other thread was there between two steps
      }
    }
  }

  @Test
  void noDescriptorStaysBehind() throws Exception {
    t.write("/prog", "#!/bin/true");
    t.tree.setAttributes(t.context(), t.walk("/prog"), SetAttributes.ofSize(3));
    assertEquals("#!/", t.read("/prog"));
    try (var fds = Files.list(Path.of("/proc/self/fd"))) {
      assertTrue(fds.noneMatch(fd -> leadsTo(fd, host.resolve("prog"))));
    }
  }

  private static boolean leadsTo(Path fd, Path file) {
    try {
      return Files.readSymbolicLink(fd).equals(file);
    } catch (java.io.IOException closedMeanwhile) {
      return false;
    }
  }

  // Mappings.

  private String page(Mappable m, long index, int length) {
    long frame = m.frame(index, false);
    byte[] bytes =
        t.store
            .segment(frame, 1)
            .asSlice(0, length)
            .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    t.store.release(frame);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Test
  void mappedPagesFollowTheHost() throws Exception {
    hostWrites("f", "a".repeat(5000));
    FileDescription d = t.open("/f", OpenFlags.O_RDONLY);
    Mappable m = d.mappable();
    long held = m.frame(0, false);
    assertEquals("aa", page(m, 0, 2));
    hostWrites("f", "b".repeat(5000));
    t.open("/f", OpenFlags.O_RDONLY).release();
    assertEquals("bb", page(m, 0, 2));
    assertEquals(
        (byte) 'b', t.store.segment(held, 1).get(java.lang.foreign.ValueLayout.JAVA_BYTE, 9));
    hostWrites("f", "c".repeat(9000));
    assertEquals(0, m.frame(3, false));
    assertEquals("cc", page(m, 2, 2));
    t.store.release(held);
    d.release();
  }

  @Test
  void storesOfMappingsDoNotUndoWhatOthersHaveWritten() throws Exception {
    hostWrites("f", "-".repeat(100));
    FileDescription d = t.open("/f", OpenFlags.O_RDWR);
    Mappable m = d.mappable();
    long frame = m.frame(0, true);
    var memory = t.store.segment(frame, 1);
    memory.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 10, (byte) 'S');
    try (var c = java.nio.channels.FileChannel.open(host.resolve("f"), StandardOpenOption.WRITE)) {
      c.write(java.nio.ByteBuffer.wrap("H".getBytes(StandardCharsets.ISO_8859_1)), 20);
    }
    String both = "-".repeat(10) + "S" + "-".repeat(9) + "H" + "-".repeat(79);
    assertEquals(both, Tree.readAll(d));
    assertEquals(both, onHost("f"));
    // Still mapped: later stores count as well.
    memory.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 11, (byte) 'T');
    m.sync(0, 1);
    assertEquals(both.replace("S-", "ST"), onHost("f"));
    t.store.release(frame);
    d.pwrite(Tree.bytes("w"), 0);
    assertEquals("w", page(m, 0, 1));
    d.release();
    assertEquals("w" + both.replace("S-", "ST").substring(1), onHost("f"));
  }
}
