package io.loomvisor.gofer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DescriptorCalls.Received;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.gofer.host.SocketPair;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.ReplyCodec;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.gofer.wire.RequestCodec;
import io.loomvisor.gofer.wire.Wire;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client against gofers that lie. */
@Timeout(60)
class GoferClientTest {
  private final SocketPair sockets = SocketPair.open();
  private final CompletableFuture<String> lost = new CompletableFuture<>();
  private final GoferClient client = new GoferClient(sockets.client(), lost::complete);
  private Thread server;

  @AfterEach
  void stop() throws InterruptedException {
    client.close();
    if (server != null) {
      server.join();
    }
    DescriptorCalls.close(sockets.server());
  }

  /** What the lying gofer does with one request; false to end the connection. */
  private interface Answer {
    boolean to(int tag, MemorySegment out, ByteBuffer bytes);
  }

  private void serve(Answer answer) {
    server =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (Arena arena = Arena.ofConfined()) {
                    MemorySegment m = arena.allocate(Wire.MAX_MESSAGE, 64);
                    ByteBuffer b = m.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
                    for (; ; ) {
                      Received r = DescriptorCalls.receive(sockets.server(), m);
                      if (r.length() == 0
                          || !answer.to(
                              RequestCodec.tag(b.clear().limit(r.length())), m, b.clear())) {
                        DescriptorCalls.shutdown(sockets.server());
                        return;
                      }
                    }
                  } catch (LinuxException e) {
                    assertTrue(
                        e.errno() == Errno.EPIPE || e.errno() == Errno.ECONNRESET,
                        e.errno().name());
                  }
                });
  }

  private boolean reply(int tag, Reply reply, int fd, MemorySegment out, ByteBuffer bytes) {
    ReplyCodec.encode(tag, reply, bytes);
    DescriptorCalls.send(sockets.server(), out, bytes.position(), fd);
    return true;
  }

  private Errno ask() {
    return assertThrows(
            LinuxException.class,
            () -> client.ask(new Request.StatFileSystem(1), Reply.FileSystem.class))
        .errno();
  }

  private Errno open() {
    return assertThrows(LinuxException.class, () -> client.open(new Request.Open(1, "f", 0, 0)))
        .errno();
  }

  private void assertLost() throws Exception {
    lost.get(10, TimeUnit.SECONDS);
    assertTrue(client.lost());
    assertEquals(Errno.EIO, ask());
    assertEquals(Errno.EIO, open());
  }

  private static Reply.Opened opened(int mode) {
    FileTime t = FileTime.EPOCH;
    return new Reply.Opened(new FileStat(1, 1, mode, 1, 0, 0, 0, 0, 4096, 0, t, t, t, t));
  }

  @Test
  void failuresArePassedOn() {
    serve((tag, m, b) -> reply(tag, new Reply.Failure(Errno.ENOTDIR), -1, m, b));
    assertEquals(Errno.ENOTDIR, ask());
    assertEquals(Errno.ENOTDIR, open());
  }

  @Test
  void internalErrnosDoNotGetThrough() {
    serve((tag, m, b) -> reply(tag, new Reply.Failure(Errno.ERESTARTSYS), -1, m, b));
    assertEquals(Errno.EIO, ask());
  }

  @Test
  void aReplyOfTheWrongKindEndsIt() throws Exception {
    serve((tag, m, b) -> reply(tag, new Reply.Done(), -1, m, b));
    assertEquals(Errno.EIO, ask());
    assertLost();
  }

  @Test
  void aReplyToNoRequestEndsIt() throws Exception {
    serve((tag, m, b) -> reply(tag + 1, new Reply.Done(), -1, m, b));
    assertEquals(Errno.EIO, ask());
    assertLost();
  }

  @Test
  void garbageEndsIt() throws Exception {
    serve(
        (tag, m, b) -> {
          m.fill((byte) 0x7f);
          DescriptorCalls.send(sockets.server(), m, 3, -1);
          return true;
        });
    assertEquals(Errno.EIO, ask());
    assertLost();
  }

  @Test
  void aDescriptorThatNobodyAskedForEndsIt() throws Exception {
    serve((tag, m, b) -> reply(tag, new Reply.Failure(Errno.ENOENT), sockets.server(), m, b));
    assertEquals(Errno.EIO, ask());
    assertLost();
  }

  @Test
  void anOpenFileWithoutDescriptorEndsIt() throws Exception {
    serve((tag, m, b) -> reply(tag, opened(FileMode.S_IFREG), -1, m, b));
    assertEquals(Errno.EIO, open());
    assertLost();
  }

  @Test
  void anOpenFileThatIsADirectoryOrASocketEndsIt() throws Exception {
    serve((tag, m, b) -> reply(tag, opened(FileMode.S_IFREG), sockets.server(), m, b));
    assertEquals(Errno.EIO, open());
    assertLost();
  }

  @Test
  void anOpenFileWithTheAttributesOfADirectoryEndsIt() throws Exception {
    int fd = DirectoryCalls.open(-100, "/proc/self/maps", OpenFlags.O_RDONLY, 0);
    serve((tag, m, b) -> reply(tag, opened(FileMode.S_IFDIR), fd, m, b));
    assertEquals(Errno.EIO, open());
    DescriptorCalls.close(fd);
    assertLost();
  }

  @Test
  void aGoferThatDiesFailsWhoWaits() throws Exception {
    CountDownLatch asked = new CountDownLatch(5);
    serve(
        (tag, m, b) -> {
          asked.countDown();
          return asked.getCount() > 0;
        });
    AtomicInteger failed = new AtomicInteger();
    Thread[] askers = new Thread[5];
    for (int i = 0; i < askers.length; i++) {
      askers[i] =
          Thread.startVirtualThread(
              () -> {
                if (ask() == Errno.EIO) {
                  failed.incrementAndGet();
                }
              });
    }
    for (Thread t : askers) {
      t.join();
    }
    assertEquals(5, failed.get());
    assertLost();
  }

  @Test
  void manyAskAtOnceAndEachGetsItsOwnReply() throws Exception {
    serve((tag, m, b) -> reply(tag, new Reply.Text("t" + tag % 7), -1, m, b));
    AtomicInteger right = new AtomicInteger();
    Thread[] askers = new Thread[16];
    for (int i = 0; i < askers.length; i++) {
      askers[i] =
          Thread.startVirtualThread(
              () -> {
                for (int n = 0; n < 200; n++) {
                  Reply.Text t = client.ask(new Request.ReadLink(1, "l"), Reply.Text.class);
                  right.addAndGet(t.text().matches("t[0-6]") ? 1 : 0);
                }
              });
    }
    for (Thread t : askers) {
      t.join();
    }
    assertEquals(16 * 200, right.get());
  }
}
