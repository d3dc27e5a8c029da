package io.loomvisor.vfs.pipe;

import static io.loomvisor.vfs.testing.Tree.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.testing.TestCaller;
import io.loomvisor.vfs.testing.Tree;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PipeTest {
  private static final int ALL = PollEvents.POLLIN | PollEvents.POLLOUT;
  private final PipeFilesystem pipes = new PipeFilesystem(FileClock.SYSTEM);
  private final PipeFilesystem.Ends p = pipes.createPipe(0, Credentials.root());

  @Test
  void bytesComeOutInOrder() {
    assertEquals(3, Tree.write(p.write(), "abc"));
    assertEquals(2, Tree.write(p.write(), "de"));
    assertEquals(1, Tree.write(p.write(), "f"));
    assertEquals("ab", Tree.read(p.read(), 2));
    assertEquals("cdef", Tree.read(p.read(), 100));
    fails(Errno.EAGAIN, () -> Tree.read(p.read(), 1));
    assertEquals("", Tree.read(p.read(), 0));
  }

  @Test
  void endOfFileAndBrokenPipe() {
    Tree.write(p.write(), "last");
    assertEquals(PollEvents.POLLIN, p.read().readiness(ALL));
    p.write().release();
    assertEquals(PollEvents.POLLIN | PollEvents.POLLHUP, p.read().readiness(ALL));
    assertEquals("last", Tree.read(p.read(), 100));
    assertEquals("", Tree.read(p.read(), 100));
    assertEquals(PollEvents.POLLHUP, p.read().readiness(0));
    PipeFilesystem.Ends q = pipes.createPipe(0, Credentials.root());
    q.read().release();
    assertEquals(PollEvents.POLLOUT | PollEvents.POLLERR, q.write().readiness(ALL));
    fails(Errno.EPIPE, () -> Tree.write(q.write(), "x"));
  }

  @Test
  void fullPipe() {
    assertEquals(65536, p.write().write(HeapBuffer.wrap(new byte[100_000])));
    assertEquals(0, p.write().readiness(ALL));
    fails(Errno.EAGAIN, () -> Tree.write(p.write(), "x"));
    assertEquals(4095, Tree.read(p.read(), 4095).length());
    assertEquals(0, p.write().readiness(ALL));
    fails(Errno.EAGAIN, () -> p.write().write(HeapBuffer.wrap(new byte[4096])));
    AtomicInteger woken = new AtomicInteger();
    p.write().waitQueue().register(e -> woken.incrementAndGet(), PollEvents.POLLOUT);
    assertEquals(1, Tree.read(p.read(), 1).length());
    assertEquals(1, woken.get());
    assertEquals(4096, p.write().write(HeapBuffer.wrap(new byte[4096])));
  }

  @Test
  void capacityCanBeChanged() {
    PipeDescription w = (PipeDescription) p.write();
    assertEquals(65536, w.capacity());
    assertEquals(8192, w.setCapacity(5000, Credentials.of(1, 1)));
    assertEquals(8192, w.write(HeapBuffer.wrap(new byte[10_000])));
    fails(Errno.EBUSY, () -> w.setCapacity(4096, Credentials.of(1, 1)));
    fails(Errno.EPERM, () -> w.setCapacity(2 << 20, Credentials.of(1, 1)));
    assertEquals(2 << 20, w.setCapacity(2 << 20, Credentials.root()));
  }

  @Test
  void readableCount() {
    Tree.write(p.write(), "12345");
    TestCaller caller = new TestCaller(Credentials.root());
    assertEquals(0, p.read().ioctl(caller, 0x541B, 8));
    assertEquals(5, caller.memory.get(ValueLayout.JAVA_INT_UNALIGNED, 8));
    fails(Errno.ENOTTY, () -> p.read().ioctl(caller, 1, 8));
  }

  @Test
  void packets() {
    PipeFilesystem.Ends q = pipes.createPipe(OpenFlags.O_DIRECT, Credentials.root());
    Tree.write(q.write(), "one");
    Tree.write(q.write(), "two");
    assertEquals("on", Tree.read(q.read(), 2));
    assertEquals("two", Tree.read(q.read(), 100));
  }

  @Test
  void manyBytesThroughTwoThreads() throws Exception {
    int total = 3_000_000;
    Thread writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  byte[] all = new byte[total];
                  for (int i = 0; i < total; i++) {
                    all[i] = (byte) (i * 31 >> 3);
                  }
                  HeapBuffer source = HeapBuffer.wrap(all);
                  while (source.remaining() > 0) {
                    try {
                      p.write().write(source);
                    } catch (LinuxException e) {
                      Thread.onSpinWait();
                    }
                  }
                  p.write().release();
                });
    byte[] buffer = new byte[7777];
    int done = 0;
    while (true) {
      int n;
      try {
        n = (int) p.read().read(HeapBuffer.wrap(buffer));
      } catch (LinuxException e) {
        Thread.yield();
        continue;
      }
      if (n == 0) {
        break;
      }
      for (int i = 0; i < n; i++) {
        assertEquals((byte) ((done + i) * 31 >> 3), buffer[i]);
      }
      done += n;
    }
    writer.join();
    assertEquals(total, done);
  }

  @Test
  void fifoOpenWaitsForTheOtherSide() {
    Tree t = Tree.onTmpfs();
    t.tree.mknod(t.context(), "/fifo", FileMode.S_IFIFO | 0666, 0);
    fails(Errno.ENXIO, () -> t.open("/fifo", OpenFlags.O_WRONLY | OpenFlags.O_NONBLOCK));
    FileDescription r = t.open("/fifo", OpenFlags.O_RDONLY);
    assertTrue(r.openPending());
    AtomicInteger woken = new AtomicInteger();
    r.waitQueue().register(e -> woken.incrementAndGet(), ALL);
    FileDescription w = t.open("/fifo", OpenFlags.O_WRONLY);
    assertFalse(w.openPending());
    assertFalse(r.openPending());
    assertTrue(woken.get() > 0);
    Tree.write(w, "via fifo");
    w.release();
    assertFalse(r.openPending());
    assertEquals("via fifo", Tree.readAll(r));
    r.release();
    FileDescription n = t.open("/fifo", OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK);
    assertFalse(n.openPending());
    assertEquals(0, n.readiness(ALL));
    assertEquals("", Tree.read(n, 1));
    FileDescription both = t.open("/fifo", OpenFlags.O_RDWR);
    assertFalse(both.openPending());
    fails(Errno.EAGAIN, () -> Tree.read(n, 1));
    both.release();
    assertEquals(PollEvents.POLLHUP, n.readiness(ALL));
  }

  /** Of two opens at the same moment each must count as the other side of the other. */
  @Test
  void fifoOpensOfBothSidesMeet() throws Exception {
    Fifo fifo = new Fifo();
    AtomicInteger arrived = new AtomicInteger();
    AtomicInteger left = new AtomicInteger();
    Thread reader = Thread.ofPlatform().start(() -> opens(fifo, 0, arrived, left));
    opens(fifo, OpenFlags.O_WRONLY, arrived, left);
    reader.join();
    assertEquals(0, left.get());
  }

  private static void opens(Fifo fifo, int flags, AtomicInteger arrived, AtomicInteger left) {
    for (int step = 0; step < 3 * 100_000; step += 3) {
      meet(arrived, step);
      FileDescription side = fifo.open(null, null, flags);
      meet(arrived, step + 1);
      if (side.openPending()) {
        left.incrementAndGet();
      }
      meet(arrived, step + 2);
      side.release();
    }
  }

  /** Two threads come here and go on at the same moment, if both have a CPU. */
  private static void meet(AtomicInteger arrived, int step) {
    arrived.incrementAndGet();
    for (int i = 1; arrived.get() < 2 * (step + 1); i++) {
      if (i % 1000 == 0) {
        Thread.yield();
      }
    }
  }

  @Test
  void pipeCanBeOpenedAgainByItsPlace() {
    Tree t = Tree.onTmpfs();
    Tree.write(p.write(), "data");
    FileDescription again = t.tree.openAt(t.context(), p.read().place(), OpenFlags.O_RDONLY);
    assertEquals("data", Tree.read(again, 10));
    assertTrue(p.read().displayName().matches("pipe:\\[\\d+]"));
    assertEquals(FileMode.S_IFIFO | 0600, p.read().stat().mode());
  }
}
