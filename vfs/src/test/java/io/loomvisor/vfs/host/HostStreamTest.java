package io.loomvisor.vfs.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.scheduler.wait.WaitEntry;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.io.HeapBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams over real host pipes and files. */
class HostStreamTest {
  private static final int AT_FDCWD = -100;

  @TempDir Path directory;
  private final HostWatcher watcher = new HostWatcher();
  private final HostFilesystem filesystem = new HostFilesystem();

  @BeforeEach
  void start() {
    watcher.start();
  }

  private FileDescription open(Path path, int flags) {
    int fd = DirectoryCalls.open(AT_FDCWD, path.toString(), flags | OpenFlags.O_CLOEXEC, 0600);
    HostFile file = new HostFile(fd, path.toString(), watcher, new HostFile.Turns());
    watcher.add(file);
    return HostStreams.describe(file, filesystem.place(file), file.hostFlags(), false);
  }

  private Path fifo() throws Exception {
    Path path = directory.resolve("fifo");
    assertEquals(0, new ProcessBuilder("mkfifo", path.toString()).inheritIO().start().waitFor());
    return path;
  }

  private static byte[] bytes(String s) {
    return s.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Errno errno(org.junit.jupiter.api.function.Executable call) {
    return assertThrows(LinuxException.class, call).errno();
  }

  @Test
  void emptyPipeIsNotReadyUntilBytesArrive() throws Exception {
    Path path = fifo();
    FileDescription read = open(path, OpenFlags.O_RDWR);
    FileDescription write = open(path, OpenFlags.O_WRONLY);
    byte[] got = new byte[10];
    CountDownLatch notified = new CountDownLatch(1);
    WaitEntry entry = events -> notified.countDown();
    read.waitQueue().register(entry, PollEvents.POLLIN);
    assertEquals(Errno.EAGAIN, errno(() -> read.read(HeapBuffer.wrap(got))));
    assertEquals(0, read.readiness(PollEvents.POLLIN));
    assertEquals(1, notified.getCount());
    assertEquals(5, write.write(HeapBuffer.wrap(bytes("hello"))));
    assertTrue(notified.await(10, TimeUnit.SECONDS));
    assertEquals(PollEvents.POLLIN, read.readiness(PollEvents.POLLIN));
    assertEquals(5, read.read(HeapBuffer.wrap(got)));
    assertEquals("hello", new String(got, 0, 5, StandardCharsets.ISO_8859_1));
  }

  @Test
  void fullPipeTakesNoMoreAndNotifiesWhenEmptied() throws Exception {
    Path path = fifo();
    FileDescription both = open(path, OpenFlags.O_RDWR);
    byte[] big = new byte[1 << 20];
    long taken = both.write(HeapBuffer.wrap(big));
    assertEquals(65536, taken);
    assertEquals(Errno.EAGAIN, errno(() -> both.write(HeapBuffer.wrap(big))));
    CountDownLatch notified = new CountDownLatch(1);
    both.waitQueue().register(events -> notified.countDown(), PollEvents.POLLOUT);
    assertEquals(0, both.readiness(PollEvents.POLLOUT));
    assertEquals(65536, both.read(HeapBuffer.wrap(big)));
    assertTrue(notified.await(10, TimeUnit.SECONDS));
  }

  @Test
  void endOfFileAndBrokenPipe() throws Exception {
    Path path = fifo();
    FileDescription both = open(path, OpenFlags.O_RDWR);
    FileDescription read = open(path, OpenFlags.O_RDONLY);
    FileDescription write = open(path, OpenFlags.O_WRONLY);
    both.release();
    write.write(HeapBuffer.wrap(bytes("x")));
    CountDownLatch closed = new CountDownLatch(1);
    read.waitQueue().register(events -> closed.countDown(), PollEvents.POLLHUP);
    assertEquals(1, read.read(HeapBuffer.wrap(new byte[4])));
    assertEquals(0, read.readiness(PollEvents.POLLIN));
    write.release();
    assertTrue(closed.await(10, TimeUnit.SECONDS));
    assertEquals(0, read.read(HeapBuffer.wrap(new byte[4])));
    assertEquals(PollEvents.POLLHUP, read.readiness(0));
    FileDescription both2 = open(path, OpenFlags.O_RDWR);
    FileDescription last = open(path, OpenFlags.O_WRONLY);
    read.release();
    both2.release();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while ((last.readiness(0) & PollEvents.POLLERR) == 0 && System.nanoTime() < deadline) {
      Thread.onSpinWait(); // the watcher closes the readers
    }
    assertEquals(Errno.EPIPE, errno(() -> last.write(HeapBuffer.wrap(bytes("x")))));
  }

  @Test
  void regularFileMovesTheSharedOffset() throws Exception {
    Path path = directory.resolve("file");
    Files.write(path, bytes("0123456789"));
    FileDescription d = open(path, OpenFlags.O_RDWR);
    byte[] got = new byte[4];
    assertEquals(4, d.read(HeapBuffer.wrap(got)));
    assertArrayEquals(bytes("0123"), got);
    assertEquals(4, d.seek(0, 1));
    assertEquals(2, d.write(HeapBuffer.wrap(bytes("ab"))));
    assertEquals(1, d.pwrite(HeapBuffer.wrap(bytes("z")), 0));
    d.setStatusFlags(d.statusFlags() | OpenFlags.O_APPEND);
    assertEquals(1, d.write(HeapBuffer.wrap(bytes("E"))));
    assertEquals(11, d.seek(0, 1));
    assertEquals("z123ab6789E", Files.readString(path));
    assertEquals(11, d.stat().size());
    d.truncate(3);
    assertEquals(3, Files.size(path));
    FileDescription again = d.inode().open(d.place(), OpenFlags.O_RDONLY, null);
    assertEquals(3, again.read(HeapBuffer.wrap(got)));
    assertEquals(0, again.read(HeapBuffer.wrap(got)));
    again.release();
    d.release();
  }

  @Test
  void reopeningKeepsToTheAccessMode() throws Exception {
    Path path = directory.resolve("file");
    Files.write(path, bytes("x"));
    FileDescription d = open(path, OpenFlags.O_RDONLY);
    assertEquals(Errno.EACCES, errno(() -> d.inode().open(d.place(), OpenFlags.O_WRONLY, null)));
    assertEquals(Errno.EBADF, errno(() -> d.write(HeapBuffer.wrap(bytes("y")))));
  }

  @Test
  void nullDeviceIsAlwaysReady() {
    FileDescription d = open(Path.of("/dev/null"), OpenFlags.O_RDWR);
    assertEquals(0, d.read(HeapBuffer.wrap(new byte[3])));
    assertEquals(200_000, d.write(HeapBuffer.wrap(new byte[200_000])));
    FileDescription zero = open(Path.of("/dev/zero"), OpenFlags.O_RDONLY);
    assertEquals(300_000, zero.read(HeapBuffer.wrap(new byte[300_000])));
  }
}
