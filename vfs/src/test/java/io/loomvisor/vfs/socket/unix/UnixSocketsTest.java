package io.loomvisor.vfs.socket.unix;

import static io.loomvisor.vfs.testing.Tree.fails;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.event.EventCounter;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.Rights;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.socket.SocketFilesystem;
import io.loomvisor.vfs.testing.TestCaller;
import io.loomvisor.vfs.testing.Tree;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class UnixSocketsTest {
  private static final int LIMIT = 1 << 20;
  private final Tree tree = Tree.onTmpfs();
  private final UnixSockets family =
      new UnixSockets(tree.tree, new SocketFilesystem(FileClock.SYSTEM));
  private final TestCaller caller = new TestCaller(Credentials.root());

  private UnixSockets.Pair pair(int type) {
    return family.createPair(caller, type, 0, 0);
  }

  private SocketDescription socket(int type) {
    return family.create(caller, type, 0, 0);
  }

  private static byte[] address(String name) {
    byte[] path = name.getBytes(StandardCharsets.ISO_8859_1);
    byte[] bytes = new byte[path.length + 2];
    bytes[0] = SocketAbi.AF_UNIX;
    System.arraycopy(path, 0, bytes, 2, path.length);
    return bytes;
  }

  private long send(SocketDescription s, String text, FileDescription... files) {
    Rights rights = files.length == 0 ? Rights.NONE : new Rights(List.of(files), 0, LIMIT);
    Sending m = new Sending(Tree.bytes(text), null, 0, rights, null, List.of());
    return s.send(tree.context(), m);
  }

  private static Reception receive(SocketDescription s, int flags) {
    Reception r = new Reception(HeapBuffer.wrap(new byte[100]), flags);
    s.receive(r);
    return r;
  }

  @Test
  void pathNamesAreFoundThroughRenamesAndLinks() {
    SocketDescription server = socket(SocketAbi.SOCK_STREAM);
    server.bind(tree.context(), address("/sock"));
    SocketDescription client = socket(SocketAbi.SOCK_STREAM);
    fails(Errno.ECONNREFUSED, () -> client.connect(tree.context(), address("/sock")));
    server.listen(caller, 1);
    tree.rename("/sock", "/moved");
    tree.link("/moved", "/linked");
    fails(Errno.ENOENT, () -> client.connect(tree.context(), address("/sock")));
    client.connect(tree.context(), address("/linked"));
    assertArrayEquals(address("/sock\0"), client.peerName());
    SocketDescription other = socket(SocketAbi.SOCK_STREAM);
    fails(Errno.EADDRINUSE, () -> other.bind(tree.context(), address("/moved")));
    server.release();
    fails(Errno.ECONNREFUSED, () -> other.connect(tree.context(), address("/moved")));
  }

  @Test
  void aMountWithABoundSocketIsInUse() {
    SocketDescription server = socket(SocketAbi.SOCK_DGRAM);
    server.bind(tree.context(), address("/sock"));
    assertEquals(1, family.view().size());
    assertEquals("/sock", family.view().get(0).path());
    server.release();
    assertEquals(List.of(), family.view());
  }

  @Test
  void blockedConnectIsToldOfRoom() {
    SocketDescription server = socket(SocketAbi.SOCK_STREAM);
    server.bind(tree.context(), address("\0name"));
    server.listen(caller, 0);
    SocketDescription first = socket(SocketAbi.SOCK_STREAM);
    SocketDescription second = socket(SocketAbi.SOCK_STREAM);
    AtomicInteger told = new AtomicInteger();
    second.waitQueue().register(e -> told.incrementAndGet(), PollEvents.POLLOUT);
    first.connect(tree.context(), address("\0name"));
    fails(Errno.EAGAIN, () -> second.connect(tree.context(), address("\0name")));
    assertEquals(0, told.get());
    server.accept().release();
    assertEquals(1, told.get());
    second.connect(tree.context(), address("\0name"));
  }

  @Test
  void anErrorLeavesTheDataToBeSentAgain() {
    UnixSockets.Pair p = pair(SocketAbi.SOCK_DGRAM);
    HeapBuffer data = Tree.bytes("again");
    EventCounter counter = new EventCounter(0, false, 0);
    Rights none = new Rights(List.of(counter), 7, -1);
    Sending m = new Sending(data, null, 0, none, null, List.of());
    fails(Errno.ETOOMANYREFS, () -> p.first().send(tree.context(), m));
    assertEquals(5, data.remaining());
    assertEquals(1, counter.references());
    assertEquals(5, p.first().send(tree.context(), Sending.plain(data, 0)));
  }

  @Test
  void descriptorsOfAMessageNobodyReadsAreReleased() {
    EventCounter counter = new EventCounter(0, false, 0);
    UnixSockets.Pair p = pair(SocketAbi.SOCK_STREAM);
    send(p.first(), "x", counter);
    assertEquals(2, counter.references());
    Reception peeked = receive(p.second(), SocketAbi.MSG_PEEK);
    assertEquals(3, counter.references());
    peeked.rights().release();
    p.second().release();
    assertEquals(1, counter.references());
    fails(Errno.EPIPE, () -> send(p.first(), "y", counter));
    assertEquals(1, counter.references());
  }

  @Test
  void cyclesAreCollectedWhenASocketCloses() {
    EventCounter counter = new EventCounter(0, false, 0);
    UnixSockets.Pair p = pair(SocketAbi.SOCK_SEQPACKET);
    UnixSockets.Pair q = pair(SocketAbi.SOCK_SEQPACKET);
    send(p.first(), "x", q.second(), counter);
    send(q.first(), "x", p.second());
    p.second().release();
    q.second().release();
    p.first().release();
    q.first().release();
    assertEquals(1, counter.references());
    assertEquals(List.of(), family.view());
    assertEquals(0, family.inFlight().socketCount());
  }

  @Test
  void aListenersUnacceptedConnectionsBelongToIt() {
    EventCounter counter = new EventCounter(0, false, 0);
    SocketDescription server = socket(SocketAbi.SOCK_STREAM);
    server.bind(tree.context(), address("\0l"));
    server.listen(caller, 1);
    SocketDescription client = socket(SocketAbi.SOCK_STREAM);
    client.connect(tree.context(), address("\0l"));
    send(client, "x", server, counter);
    server.release();
    assertEquals(2, counter.references());
    client.release();
    assertEquals(1, counter.references());
    assertEquals(List.of(), family.view());
  }

  @Test
  void aLongChainIsReleasedWithoutRecursion() {
    EventCounter counter = new EventCounter(0, false, 0);
    FileDescription carried = counter;
    for (int i = 0; i < 5000; i++) {
      UnixSockets.Pair p = pair(SocketAbi.SOCK_DGRAM);
      send(p.first(), "x", carried);
      if (carried != counter) {
        carried.release();
      }
      carried = p.second();
      ((UnixSocket) p.first()).shutdown(SocketAbi.SHUT_WR);
    }
    assertEquals(2, counter.references());
    carried.release();
    assertEquals(1, counter.references());
  }

  @Test
  void socketsTogetherQueueNoMoreThanTheLimit() {
    QueuedMemory memory = new QueuedMemory(1000);
    memory.take(900);
    fails(Errno.ENOBUFS, () -> memory.take(101));
    memory.take(100);
    memory.give(1000);
    memory.take(1000);
  }

  /** Descriptors are passed to and fro by two threads while others open, close and collect. */
  @Test
  void passedSocketsAreNeverTakenForGarbage() throws Exception {
    UnixSockets.Pair there = pair(SocketAbi.SOCK_STREAM);
    UnixSockets.Pair ball = pair(SocketAbi.SOCK_STREAM);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread first = player(there.first(), ball.first(), 2000, failure);
    Thread second = player(there.second(), null, 2000, failure);
    Thread closer =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (first.isAlive() || second.isAlive()) {
                    UnixSockets.Pair p = pair(SocketAbi.SOCK_DGRAM);
                    send(p.first(), "x", p.second());
                    p.second().release();
                    p.first().release();
                  }
                });
    first.join();
    second.join();
    closer.join();
    assertEquals(null, failure.get());
    ball.first().release();
    fails(Errno.EPIPE, () -> send(ball.second(), "y"));
    there.first().release();
    there.second().release();
    ball.second().release();
    assertEquals(List.of(), family.view());
  }

  /** Sends what it has, then waits for it to come back; {@code ball} null: begins by waiting. */
  private Thread player(
      SocketDescription s, FileDescription ball, int times, AtomicReference<Throwable> failure) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                FileDescription held = ball;
                for (int i = 0; i < times; i++) {
                  if (held != null) {
                    send(s, "b", held);
                    if (held != ball || i > 0) {
                      held.release();
                    }
                    held = null;
                  }
                  Reception r = await(s);
                  assertEquals(1, r.rights().files().size());
                  held = r.rights().files().get(0);
                  assertNotEquals(0, held.references());
                }
                if (ball == null) {
                  send(s, "b", held);
                }
                held.release();
              } catch (Throwable e) {
                failure.compareAndSet(null, e);
              }
            });
  }

  private static Reception await(SocketDescription s) {
    for (; ; ) {
      try {
        return receive(s, 0);
      } catch (LinuxException e) {
        assertEquals(Errno.EAGAIN, e.errno());
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void peekingBeyondTheEndOrForNothingEnds() {
    UnixSockets.Pair p = pair(SocketAbi.SOCK_STREAM);
    send(p.first(), "abc");
    p.first().shutdown(SocketAbi.SHUT_WR);
    Reception nothing = new Reception(HeapBuffer.wrap(new byte[0]), SocketAbi.MSG_PEEK);
    p.second().receive(nothing);
    assertTrue(nothing.ended());
    assertEquals(0, nothing.length());
    p.second().options().put(SocketAbi.SO_PEEK_OFF, 100);
    Reception beyond = receive(p.second(), SocketAbi.MSG_PEEK);
    assertTrue(beyond.ended());
    assertEquals(0, beyond.length());
    assertEquals(3, receive(p.second(), 0).length());
  }

  @Test
  void edgeOfRoomIsToldOnce() {
    UnixSockets.Pair p = pair(SocketAbi.SOCK_STREAM);
    AtomicInteger told = new AtomicInteger();
    assertTrue(p.first().write(HeapBuffer.wrap(new byte[LIMIT])) < LIMIT);
    p.first().waitQueue().register(e -> told.incrementAndGet(), PollEvents.POLLOUT);
    assertEquals(0, p.first().readiness(PollEvents.POLLOUT));
    while (p.first().readiness(PollEvents.POLLOUT) == 0) {
      assertEquals(0, told.get());
      p.second().read(HeapBuffer.wrap(new byte[4096]));
    }
    assertEquals(1, told.get());
  }
}
