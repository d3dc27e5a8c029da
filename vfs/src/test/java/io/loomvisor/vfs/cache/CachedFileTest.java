package io.loomvisor.vfs.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.testing.TestPageStore;
import io.loomvisor.vfs.testing.Tree;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CachedFileTest {
  private static final int PAGE = PageStore.PAGE_SIZE;

  /** A file in an array; can fail and can be interfered with. */
  private static final class ArrayStorage implements Storage, Storage.Handle {
    byte[] bytes;
    int reads;
    Errno failWith;

    /** Runs once in the middle of the next read. */
    Runnable meanwhile;

    ArrayStorage(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public <R> R open(boolean write, Function<Handle, R> use) {
      return use.apply(this);
    }

    private void check() {
      if (failWith != null) {
        throw failWith.exception();
      }
    }

    @Override
    public long read(MemorySegment target, long offset) {
      byte[] now;
      synchronized (this) {
        check();
        reads++;
        now = bytes;
      }
      int n = (int) Math.max(0, Math.min(target.byteSize(), now.length - offset));
      if (n > 0) {
        MemorySegment.copy(now, (int) offset, target, ValueLayout.JAVA_BYTE, 0, n);
      }
      Runnable r = meanwhile;
      if (r != null) {
        meanwhile = null;
        r.run();
      }
      return n;
    }

    @Override
    public synchronized long write(MemorySegment source, long offset) {
      check();
      byte[] now = Arrays.copyOf(bytes, (int) Math.max(bytes.length, offset + source.byteSize()));
      MemorySegment.copy(
          source, ValueLayout.JAVA_BYTE, 0, now, (int) offset, (int) source.byteSize());
      bytes = now;
      return source.byteSize();
    }

    @Override
    public synchronized long append(MemorySegment source) {
      return write(source, bytes.length);
    }

    @Override
    public long appended() {
      return bytes.length;
    }

    @Override
    public FileStat stat() {
      FileTime t = FileTime.EPOCH;
      return new FileStat(1, 1, 0100644, 1, 0, 0, 0, bytes.length, PAGE, 0, t, t, t, t);
    }

    @Override
    public synchronized void truncate(long size) {
      check();
      bytes = Arrays.copyOf(bytes, (int) size);
    }

    @Override
    public synchronized void allocate(int mode, long offset, long length) {
      check();
      byte[] now =
          Arrays.copyOf(
              bytes,
              (int) ((mode & 1) == 0 ? Math.max(bytes.length, offset + length) : bytes.length));
      if (mode != 0) {
        Arrays.fill(
            now,
            (int) Math.min(offset, now.length),
            (int) Math.min(offset + length, now.length),
            (byte) 0);
      }
      bytes = now;
    }

    @Override
    public long seek(long offset, int whence) {
      return offset;
    }

    @Override
    public void sync(boolean dataOnly) {
      check();
    }
  }

  private final TestPageStore store = new TestPageStore(1024);
  private final PageCache cache = new PageCache(store, 512);

  private static byte[] letters(int length) {
    byte[] b = new byte[length];
    for (int i = 0; i < length; i++) {
      b[i] = (byte) ('a' + i / 1000 % 26);
    }
    return b;
  }

  private static String text(byte[] b) {
    return new String(b, StandardCharsets.ISO_8859_1);
  }

  private static String read(CachedFile f, long offset, int length) {
    byte[] b = new byte[length];
    int n = (int) f.read(HeapBuffer.wrap(b), offset, length);
    return new String(b, 0, n, StandardCharsets.ISO_8859_1);
  }

  private static void write(CachedFile f, String s, long offset) {
    assertEquals(s.length(), f.write(Tree.bytes(s), offset, s.length(), new long[1]));
  }

  private byte at(long frame, int offset) {
    return store.segment(frame, 1).get(ValueLayout.JAVA_BYTE, offset);
  }

  private void put(long frame, int offset, char c) {
    store.segment(frame, 1).set(ValueLayout.JAVA_BYTE, offset, (byte) c);
  }

  @Test
  void readsInRunsAndOnlyOnce() {
    ArrayStorage host = new ArrayStorage(letters(100 * PAGE + 5));
    CachedFile f = new CachedFile(cache, host, host.bytes.length);
    assertEquals(text(host.bytes), read(f, 0, host.bytes.length + 100));
    int reads = host.reads;
    assertTrue(reads <= 100 / CachedPages.RUN + 1, "reads: " + reads);
    assertEquals(text(host.bytes).substring(5000, 6000), read(f, 5000, 1000));
    assertEquals("", read(f, host.bytes.length, 10));
    assertEquals(reads, host.reads);
    assertEquals(101, cache.pages());
  }

  @Test
  void aMappingAndReadAndWriteSeeEachOther() {
    ArrayStorage host = new ArrayStorage(letters(3 * PAGE));
    CachedFile f = new CachedFile(cache, host, host.bytes.length);
    long frame = f.frame(1, true);
    put(frame, 7, 'M');
    assertEquals("M", read(f, PAGE + 7, 1));
    write(f, "W", PAGE + 8);
    assertEquals('W', at(frame, 8));
    assertEquals('W', host.bytes[PAGE + 8]);
    assertNotEquals('M', host.bytes[PAGE + 7]);
    f.sync(0, 3);
    assertEquals('M', host.bytes[PAGE + 7]);
    // Still mapped, so a store after msync must reach the file too.
    put(frame, 9, 'N');
    f.synchronize(true);
    assertEquals('N', host.bytes[PAGE + 9]);
    store.release(frame);
    f.writeBack();
    assertEquals(3, cache.reclaim(100));
  }

  @Test
  void faultAroundGivesWhatIsThere() {
    ArrayStorage host = new ArrayStorage(letters(40 * PAGE));
    CachedFile f = new CachedFile(cache, host, host.bytes.length);
    long[] frames = new long[48];
    store.release(f.frame(2, false));
    f.cached(2, 48, frames, false);
    assertEquals(1, host.reads);
    for (int i = 0; i < 48; i++) {
      assertEquals(i < 30, frames[i] != 0, "page " + (i + 2));
      if (frames[i] != 0) {
        assertEquals(host.bytes[(i + 2) * PAGE], at(frames[i], 0));
        store.release(frames[i]);
      }
    }
    assertEquals(0, f.frame(40, false));
    assertEquals(0, f.frame(-1, false));
  }

  @Test
  void faultAroundForWritingGivesWhatIsDirtyAlready() {
    ArrayStorage host = new ArrayStorage(letters(8 * PAGE));
    CachedFile f = new CachedFile(cache, host, host.bytes.length);
    long third = f.frame(3, true);
    long[] frames = new long[8];
    f.cached(0, 8, frames, true);
    for (int i = 0; i < 8; i++) {
      assertEquals(i == 3 ? third : 0, frames[i], "page " + i);
    }
    store.release(third);
    f.writeBack();
    put(third, 1, 'S'); // as a mapping made by fault-around may
    f.writeBack();
    assertEquals('S', host.bytes[3 * PAGE + 1]);
    store.release(third);
    f.writeBack();
    f.cached(0, 8, frames, true);
    assertEquals(0, frames[3]);
  }

  @Test
  void theTailOfTheLastPageIsZeroAndStaysSo() {
    ArrayStorage host = new ArrayStorage(letters(100));
    CachedFile f = new CachedFile(cache, host, 100);
    long frame = f.frame(0, true);
    assertEquals(0, at(frame, 100));
    put(frame, 150, 'X');
    put(frame, 50, 'Y');
    f.writeBack();
    assertEquals(100, host.bytes.length);
    assertEquals('Y', host.bytes[50]);
    write(f, "end", 200);
    assertEquals("\0".repeat(100) + "end", read(f, 100, 1000));
    put(frame, 300, 'Z');
    f.truncate(400);
    assertEquals("\0".repeat(197), read(f, 203, 1000));
    store.release(frame);
  }

  @Test
  void truncationTakesPagesAndMappingsAway() {
    ArrayStorage host = new ArrayStorage(letters(10 * PAGE));
    CachedFile f = new CachedFile(cache, host, host.bytes.length);
    List<String> heard = new ArrayList<>();
    Mappable.MappingListener listener = (file, first, end) -> heard.add(first + "-" + end);
    f.addMapping(listener, 0, 10);
    Mappable.MappingListener other = (file, first, end) -> heard.add("other");
    f.addMapping(other, 0, 2);
    long mapped = f.frame(5, true);
    f.truncate(2 * PAGE + 10);
    assertEquals(List.of("3-10"), heard);
    assertEquals(3, cache.pages());
    assertEquals(0, f.frame(5, false));
    put(mapped, 0, 'Q');
    f.writeBack();
    f.truncate(10 * PAGE);
    assertEquals("\0".repeat(PAGE), read(f, 5 * PAGE, PAGE));
    assertEquals("\0".repeat(PAGE - 10), read(f, 2 * PAGE + 10, PAGE - 10));
    store.release(mapped);
    f.removeMapping(listener, 0, 10);
    f.removeMapping(other, 0, 2);
    f.truncate(0);
    assertEquals(1, heard.size());
    assertEquals(0, store.used());
  }

  @Test
  void punchingZeroesWhatIsCached() {
    ArrayStorage host = new ArrayStorage(letters(4 * PAGE));
    CachedFile f = new CachedFile(cache, host, host.bytes.length);
    read(f, 0, 4 * PAGE);
    f.allocate(3, true, true, PAGE - 10, PAGE + 20);
    String expected = text(host.bytes);
    assertEquals(expected, read(f, 0, 4 * PAGE));
    assertEquals("\0".repeat(PAGE + 20), expected.substring(PAGE - 10, 2 * PAGE + 10));
    f.allocate(0, false, false, 0, 5 * PAGE);
    assertEquals(5 * PAGE, f.size());
    assertEquals("\0".repeat(PAGE), read(f, 4 * PAGE, PAGE));
  }

  @Test
  void whatWasReadBeforeAWriteIsNotEnteredAfterIt() {
    ArrayStorage host = new ArrayStorage(letters(PAGE));
    CachedFile f = new CachedFile(cache, host, PAGE);
    host.meanwhile = () -> write(f, "NEW", 0);
    assertEquals("NEW", read(f, 0, 3));
    ArrayStorage shrinking = new ArrayStorage(letters(5 * PAGE));
    CachedFile g = new CachedFile(cache, shrinking, 5 * PAGE);
    shrinking.meanwhile = () -> g.truncate(10);
    assertEquals(0, g.frame(3, false));
    assertEquals(10, read(g, 0, PAGE).length());
  }

  @Test
  void errorsOfTheStorageLeaveTheCacheAsItWas() {
    ArrayStorage host = new ArrayStorage(letters(2 * PAGE));
    CachedFile f = new CachedFile(cache, host, host.bytes.length);
    String before = read(f, 0, 100);
    host.failWith = Errno.ENOSPC;
    Tree.fails(Errno.ENOSPC, () -> f.write(Tree.bytes("xxx"), 0, 3, new long[1]));
    Tree.fails(Errno.ENOSPC, () -> f.truncate(0));
    assertEquals(before, read(f, 0, 100));
    assertEquals(2 * PAGE, f.size());
    CachedFile unread = new CachedFile(cache, host, 2 * PAGE);
    int used = store.used();
    Tree.fails(Errno.ENOSPC, () -> read(unread, 0, 1));
    assertEquals(used, store.used());
    host.failWith = null;
    long frame = f.frame(0, true);
    put(frame, 0, '!');
    store.release(frame);
    host.failWith = Errno.EIO;
    Tree.fails(Errno.EIO, f::writeBack);
    AtomicReference<Throwable> onVirtualThread = new AtomicReference<>();
    CachedFile clean = new CachedFile(cache, host, 10);
    try {
      Thread.startVirtualThread(
              () -> {
                try {
                  clean.synchronize(true);
                } catch (Throwable e) {
                  onVirtualThread.set(e);
                }
              })
          .join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertEquals(Errno.EIO.exception(), onVirtualThread.get());
    host.failWith = null;
    f.writeBack();
    assertEquals('!', host.bytes[0]);
  }

  @Test
  void theBudgetIsKeptByDroppingOldCleanPages() {
    ArrayStorage host = new ArrayStorage(letters(400 * PAGE));
    CachedFile old = new CachedFile(cache, host, host.bytes.length);
    CachedFile recent = new CachedFile(cache, host, host.bytes.length);
    long mapped = old.frame(0, false);
    long dirty = old.frame(1, true);
    store.release(dirty);
    read(old, 0, host.bytes.length);
    read(recent, 0, host.bytes.length);
    assertTrue(cache.pages() <= 512, "pages: " + cache.pages());
    assertEquals(text(host.bytes), read(recent, 0, host.bytes.length));
    assertEquals(mapped, same(old.frame(0, false)));
    assertEquals(dirty, same(old.frame(1, false)));
    store.release(mapped);
    old.discard();
    recent.discard();
    assertEquals(0, cache.pages());
    assertEquals(0, store.used());
  }

  private long same(long frame) {
    store.release(frame);
    return frame;
  }

  @Test
  void readersSeeNothingButWhatWritersWrote() throws Exception {
    ArrayStorage host =
        new ArrayStorage("0".repeat(3 * PAGE).getBytes(StandardCharsets.ISO_8859_1));
    CachedFile f = new CachedFile(cache, host, 3 * PAGE);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(3);
    Runnable writer =
        () -> {
          for (int i = 0; i < 2000; i++) {
            write(f, "" + (char) ('0' + i % 10), 17L * (i % 700));
            if (i % 50 == 0) {
              cache.reclaim(100);
            }
          }
        };
    Runnable reader =
        () -> {
          for (int i = 0; i < 2000; i++) {
            String s = read(f, i, 5000);
            assertTrue(s.chars().allMatch(c -> c >= '0' && c <= '9'));
          }
        };
    for (Runnable r : List.of(writer, reader, reader)) {
      Thread.startVirtualThread(
          () -> {
            try {
              r.run();
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
    assertEquals(text(host.bytes), read(f, 0, 3 * PAGE));
  }
}
