package io.loomvisor.vfs.gofer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.gofer.wire.DirectoryEntry;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.ReplyCodec;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.gofer.wire.RequestCodec;
import io.loomvisor.gofer.wire.Wire;
import io.loomvisor.vfs.DeviceRegistry;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.cache.PageCache;
import io.loomvisor.vfs.testing.TestPageStore;
import io.loomvisor.vfs.testing.Tree;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Well-formed replies that cannot be true: the answer is an errno, never a crash or a hang. */
@Timeout(60)
class LyingGoferTest {
  @TempDir Path temp;
  private final int[] ends = GoferTree.socketPair();
  private final TestPageStore store = new TestPageStore(256);
  private GoferClient client;
  private Thread server;
  private volatile Function<Request, Reply> lies;
  private volatile int donated = -1;
  private FileAccess access = FileAccess.EXCLUSIVE;

  @AfterEach
  void stop() throws InterruptedException {
    client.close();
    server.join();
    DescriptorCalls.close(ends[1]);
    if (donated >= 0) {
      DescriptorCalls.close(donated);
    }
  }

  private static FileStat stat(long ino, int mode, long size) {
    FileTime t = FileTime.EPOCH;
    return new FileStat(9, ino, mode, 1, 0, 0, 0, size, 4096, 0, t, t, t, t);
  }

  private static FileStat directory(long ino) {
    return stat(ino, FileMode.S_IFDIR | 0755, 0);
  }

  private static FileStat regular(long ino, long size) {
    return stat(ino, FileMode.S_IFREG | 0644, size);
  }

  /** A tree whose root is in order; everything else is up to {@code answers}. */
  private Tree tree(Function<Request, Reply> answers) {
    lies = r -> r instanceof Request.Attach ? new Reply.Attributes(directory(1)) : answers.apply(r);
    return Tree.on(attach(), store);
  }

  private GoferFilesystem attach() {
    server = Thread.ofPlatform().daemon().start(this::serve);
    client = new GoferClient(ends[0], reason -> {});
    return GoferFilesystem.attach(
        client, 0, new PageCache(store, 128), DeviceRegistry.NONE, false, access);
  }

  private void serve() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment m = arena.allocate(Wire.MAX_MESSAGE, 64);
      ByteBuffer b = m.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      for (; ; ) {
        int length = DescriptorCalls.receive(ends[1], m).length();
        if (length == 0) {
          return;
        }
        b.clear().limit(length);
        int tag = RequestCodec.tag(b);
        Reply reply = lies.apply(RequestCodec.decode(b));
        b.clear();
        ReplyCodec.encode(tag, reply, b);
        DescriptorCalls.send(
            ends[1], m, b.position(), reply instanceof Reply.Opened ? donated : -1);
      }
    } catch (LinuxException gone) {
      assertTrue(
          gone.errno() == Errno.EPIPE || gone.errno() == Errno.ECONNRESET, gone.errno().name());
    }
  }

  private static Reply walked(FileStat... found) {
    return new Reply.Walked(List.of(found), null, null);
  }

  @Test
  void aRootThatIsAFile() {
    lies = r -> new Reply.Attributes(regular(1, 0));
    Tree.fails(Errno.EIO, this::attach);
  }

  @Test
  void walksThatFoundTooMuchOrTooLittle() {
    Tree t = tree(r -> walked(regular(2, 0), regular(3, 0), regular(4, 0)));
    Tree.fails(Errno.EIO, () -> t.stat("/a"));
    Tree.fails(Errno.EIO, () -> t.stat("/a/b"));
    lies = r -> walked();
    Tree.fails(Errno.EIO, () -> t.stat("/a"));
    Tree.fails(Errno.EIO, () -> t.stat("/a/b"));
  }

  @Test
  void looksThatFoundTooMuchOrTooLittle() {
    access = FileAccess.SHARED;
    Tree t = tree(r -> walked(directory(1), regular(2, 0), regular(3, 0), regular(4, 0)));
    Tree.fails(Errno.EIO, () -> t.stat("/a"));
    Tree.fails(Errno.EIO, () -> t.stat("/a/b"));
    lies = r -> walked();
    Tree.fails(Errno.EIO, () -> t.stat("/a"));
    lies = r -> walked(directory(1));
    Tree.fails(Errno.EIO, () -> t.stat("/a"));
    lies = r -> walked(directory(7), regular(2, 0)); // of another directory
    Tree.fails(Errno.EIO, () -> t.stat("/a"));
    lies = r -> walked(directory(1), stat(2, FileMode.S_IFLNK | 0777, 5));
    Tree.fails(Errno.EIO, () -> t.lstat("/l"));
    lies = r -> walked(directory(1), directory(1));
    assertTrue(FileMode.isDirectory(t.stat("/a").mode()));
    lies = r -> new Reply.Walked(List.of(directory(1)), Errno.ENOENT, null);
    Tree.fails(Errno.ENOENT, () -> t.stat("/a/b"));
  }

  @Test
  void aLinkWithoutTarget() {
    Tree t = tree(r -> walked(stat(2, FileMode.S_IFLNK | 0777, 5)));
    Tree.fails(Errno.EIO, () -> t.lstat("/l"));
    Tree.fails(Errno.EIO, () -> t.stat("/l/x"));
  }

  @Test
  void directoriesThatContainThemselves() {
    Tree t = tree(r -> r instanceof Request.Walk ? walked(directory(1)) : new Reply.Done());
    assertTrue(FileMode.isDirectory(t.stat("/a/a/a/a").mode()));
    Tree.fails(Errno.EINVAL, () -> t.rename("/a", "/a/b"));
    assertFalse(client.lost());
  }

  @Test
  void aFileThatIsAnotherOneWhenItIsOpened() throws Exception {
    donated =
        DirectoryCalls.open(
            -100, Files.writeString(temp.resolve("f"), "x").toString(), OpenFlags.O_RDONLY, 0);
    Tree t =
        tree(
            r ->
                r instanceof Request.Walk
                    ? walked(regular(2, 1))
                    : new Reply.Opened(regular(3, 1)));
    Tree.fails(Errno.ESTALE, () -> t.read("/f"));
    assertEquals(0, store.used());
  }

  @Test
  void aFileThatIsShorterThanItSays() throws Exception {
    donated =
        DirectoryCalls.open(
            -100, Files.writeString(temp.resolve("f"), "x").toString(), OpenFlags.O_RDONLY, 0);
    Tree t =
        tree(
            r ->
                r instanceof Request.Walk
                    ? walked(regular(2, Long.MAX_VALUE))
                    : new Reply.Opened(regular(2, 1)));
    FileDescription d = t.open("/f", OpenFlags.O_RDONLY);
    assertEquals("x\0", Tree.read(d, 2));
    d.seek(Long.MAX_VALUE - 10, 0);
    assertEquals("\0".repeat(10), Tree.read(d, 100));
    assertEquals(0, d.mappable().frame(Long.MAX_VALUE, false));
    d.release();
  }

  @Test
  void thingsMadeThatAreSomethingElse() {
    Tree t =
        tree(
            r ->
                r instanceof Request.Walk
                    ? new Reply.Walked(List.of(), Errno.ENOENT, null)
                    : new Reply.Attributes(regular(5, 1)));
    Tree.fails(Errno.EIO, () -> t.mkdir("/d"));
    Tree.fails(Errno.EIO, () -> t.tree.symlink(t.context(), "x", "/l"));
    Tree.fails(Errno.EIO, () -> t.tree.mknod(t.context(), "/p", FileMode.S_IFIFO | 0600, 0));
    assertFalse(t.exists("/d"));
  }

  @Test
  void attributesOfAnotherFileAfterAChange() {
    Tree t =
        tree(
            r ->
                switch (r) {
                  case Request.Walk w when w.names().equals(List.of("f")) -> walked(regular(2, 0));
                  case Request.Walk w -> new Reply.Walked(List.of(), Errno.ENOENT, null);
                  default -> new Reply.Attributes(regular(7, 0));
                });
    Tree.fails(
        Errno.EIO,
        () -> t.tree.setAttributes(t.context(), t.walk("/f"), SetAttributes.ofMode(0600)));
    Tree.fails(Errno.EIO, () -> t.link("/f", "/g"));
  }

  @Test
  void aListingThatNeverEnds() {
    Tree t = tree(r -> new Reply.Entries(List.of(new DirectoryEntry("again", 5, 8)), 0, false));
    Tree.fails(Errno.EIO, () -> t.list("/"));
    lies = r -> new Reply.Entries(List.of(), 0, false);
    assertEquals(List.of(), t.list("/"));
  }
}
