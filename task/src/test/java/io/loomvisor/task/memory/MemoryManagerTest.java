package io.loomvisor.task.memory;

import static io.loomvisor.task.memory.MemoryFlags.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.platform.Platform;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class MemoryManagerTest {
  private static final int RW = PROT_READ | PROT_WRITE;
  private static final int ANON = MAP_PRIVATE | MAP_ANONYMOUS;
  private static final long BASE = 0x10_0000_0000L;

  private final FakePlatform platform = new FakePlatform(4096);
  private final MemoryManager mm = MemoryManager.create(platform);
  private final Application app = new Application(platform, mm);

  /** Whatever a test did, the last user gives every frame back. */
  @AfterEach
  void nothingLeaks() {
    mm.releaseUser();
    assertEquals(0, platform.memory.framesInUse());
  }

  private long map(long pages) {
    return mm.mmap(0, pages << 12, RW, ANON, null, 0);
  }

  private long fixed(long address, long pages, int protection) {
    return mm.mmap(address, pages << 12, protection, ANON | MAP_FIXED, null, 0);
  }

  private byte[] incore(long address, long length) {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    mm.mincore(address, length, (bits, from) -> all.writeBytes(bits));
    return all.toByteArray();
  }

  static void fails(Errno errno, Executable body) {
    assertEquals(errno, assertThrows(LinuxException.class, body).errno());
  }

  static void faults(FaultOutcome outcome, Executable body) {
    assertEquals(outcome, assertThrows(Application.Fault.class, body).outcome);
  }

  @Test
  void placesTopDownAndJoinsNeighbours() {
    long a = map(4);
    long b = map(4);
    assertEquals(a - (4 << 12), b);
    assertEquals(1, mm.vmas().size());
    assertEquals(AddressSpaceState.DEFAULT_MMAP_BASE, mm.vmas().getFirst().end());
  }

  @Test
  void takesAHintThatIsFreeAndRoundsItUp() {
    assertEquals(BASE + 4096, mm.mmap(BASE + 1, 4096, RW, ANON, null, 0));
    long other = mm.mmap(BASE + 4096, 4096, RW, ANON, null, 0);
    assertTrue(other > BASE + 8192);
  }

  @Test
  void refusesBadArguments() {
    fails(Errno.EINVAL, () -> mm.mmap(0, 0, RW, ANON, null, 0));
    fails(Errno.EINVAL, () -> mm.mmap(0, 4096, RW, MAP_ANONYMOUS, null, 0));
    fails(Errno.EINVAL, () -> mm.mmap(0, 4096, RW, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, null, 0));
    fails(Errno.EINVAL, () -> mm.mmap(0, 4096, RW, ANON, null, 1));
    fails(Errno.EINVAL, () -> mm.mmap(BASE + 1, 4096, RW, ANON | MAP_FIXED, null, 0));
    fails(Errno.ENOMEM, () -> mm.mmap(0, -1, RW, ANON, null, 0));
    fails(Errno.ENOMEM, () -> mm.mmap(0, 1L << 47, RW, ANON, null, 0));
    fails(
        Errno.ENOMEM,
        () -> mm.mmap(Platform.MAX_USER_ADDRESS, 4096, RW, ANON | MAP_FIXED, null, 0));
    fails(Errno.ENOMEM, () -> mm.mmap(-4096, 8192, RW, ANON | MAP_FIXED, null, 0));
    fails(Errno.EPERM, () -> mm.mmap(4096, 4096, RW, ANON | MAP_FIXED, null, 0));
    fails(Errno.ENOMEM, () -> mm.mmap(0, 4096, RW, ANON | MAP_HUGETLB, null, 0));
    fails(Errno.EINVAL, () -> mm.munmap(1, 4096));
    fails(Errno.EINVAL, () -> mm.munmap(BASE, 0));
    fails(Errno.EINVAL, () -> mm.munmap(BASE, -4096));
    fails(Errno.EINVAL, () -> mm.munmap(Platform.MAX_USER_ADDRESS, 4096));
    fails(Errno.EINVAL, () -> mm.mprotect(BASE + 1, 4096, RW));
    fails(Errno.ENOMEM, () -> mm.mprotect(BASE, 4096, RW));
    assertEquals(List.of(), mm.vmas());
  }

  @Test
  void fixedNoReplaceDoesNotReplace() {
    fixed(BASE, 4, RW);
    fails(Errno.EEXIST, () -> mm.mmap(BASE + 4096, 4096, RW, ANON | MAP_FIXED_NOREPLACE, null, 0));
    assertEquals(BASE - 4096, mm.mmap(BASE - 4096, 4096, RW, ANON | MAP_FIXED_NOREPLACE, null, 0));
  }

  @Test
  void newMemoryIsZeroAndKeepsWhatIsStored() {
    long a = map(300);
    for (int i = 0; i < 300; i++) {
      assertEquals(0, app.load(a + i * 4096L));
      app.store(a + i * 4096L, i);
    }
    for (int i = 0; i < 300; i++) {
      assertEquals(i & 0xff, app.load(a + i * 4096L));
    }
    assertTrue(app.faults < 60, "fault-around in a sequence: " + app.faults + " faults");
  }

  @Test
  void faultAroundStaysInsideTheMapping() {
    fixed(BASE, 1, RW);
    app.store(BASE, 1);
    assertEquals(1, platform.memory.framesInUse());
    faults(FaultOutcome.NOT_MAPPED, () -> app.load(BASE + 4096));
    faults(FaultOutcome.NOT_MAPPED, () -> app.load(BASE - 1));
    faults(FaultOutcome.NOT_MAPPED, () -> app.load(-1));
    faults(FaultOutcome.NOT_MAPPED, () -> app.load(Platform.KERNEL_START));
  }

  @Test
  void fixedMappingReplacesAndFrees() {
    fixed(BASE, 8, RW);
    app.store(BASE + 8192, 7);
    fixed(BASE + 8192, 2, RW);
    assertEquals(0, app.load(BASE + 8192));
  }

  @Test
  void unmapInTheMiddleSplits() {
    fixed(BASE, 8, RW);
    for (int i = 0; i < 8; i++) {
      app.store(BASE + i * 4096, i);
    }
    mm.munmap(BASE + 2 * 4096, 4096 * 3);
    assertEquals(2, mm.vmas().size());
    faults(FaultOutcome.NOT_MAPPED, () -> app.load(BASE + 2 * 4096));
    assertEquals(1, app.load(BASE + 4096));
    assertEquals(5, app.load(BASE + 5 * 4096));
    assertEquals(5, platform.memory.framesInUse());
    mm.munmap(BASE - 8192, 1 << 20);
    assertEquals(0, platform.memory.framesInUse());
  }

  @Test
  void protectionSplitsHoldsAndMergesAgain() {
    fixed(BASE, 8, RW);
    app.store(BASE + 4096, 42);
    mm.mprotect(BASE + 4096, 4096, PROT_READ);
    assertEquals(3, mm.vmas().size());
    assertEquals(42, app.load(BASE + 4096));
    faults(FaultOutcome.NOT_PERMITTED, () -> app.store(BASE + 4096, 1));
    mm.mprotect(BASE + 4096, 4096, 0);
    faults(FaultOutcome.NOT_PERMITTED, () -> app.load(BASE + 4096));
    fails(Errno.EFAULT, () -> mm.getByte(BASE + 4096));
    mm.mprotect(BASE + 4096, 4096, RW);
    assertEquals(1, mm.vmas().size());
    assertEquals(42, app.load(BASE + 4096));
    app.store(BASE + 4096, 43);
    assertEquals(43, mm.getByte(BASE + 4096));
  }

  @Test
  void protectOverAGapChangesWhatComesBefore() {
    fixed(BASE, 1, RW);
    fails(Errno.ENOMEM, () -> mm.mprotect(BASE, 8192, PROT_READ));
    faults(FaultOutcome.NOT_PERMITTED, () -> app.store(BASE, 1));
  }

  @Test
  void forkCopiesOnWrite() {
    fixed(BASE, 128, RW);
    for (int i = 0; i < 128; i++) {
      app.store(BASE + i * 4096L, i);
    }
    MemoryManager child = mm.fork(io.loomvisor.task.process.ResourceLimits.initial());
    Application childApp = new Application(platform, child);
    assertEquals(128, platform.memory.framesInUse());
    childApp.store(BASE + 4096, 100);
    app.store(BASE + 2 * 4096, 101);
    assertEquals(1, app.load(BASE + 4096));
    assertEquals(2, childApp.load(BASE + 2 * 4096));
    assertEquals(63, childApp.load(BASE + 63 * 4096L));
    assertEquals(1, childApp.faults, "reads after fork must not fault");
    child.putByte(BASE + 20 * 4096L, (byte) 9);
    assertEquals(20, mm.getByte(BASE + 20 * 4096L));
    child.releaseUser();
    assertTrue(((FakeAddressSpace) child.addressSpace()).closed);
    assertEquals(128, platform.memory.framesInUse());
    int before = app.faults;
    app.store(BASE + 40 * 4096L, 1);
    app.store(BASE + 41 * 4096L, 1);
    app.store(BASE + 63 * 4096L, 1);
    assertEquals(before + 1, app.faults, "pages that are ours alone become writable together");
  }

  /** What has been written since the last fork is what both sides write again. */
  @Test
  void forkCopiesTheFewPagesThatWereWrittenSinceTheLastOne() {
    fixed(BASE, 128, RW);
    for (int i = 0; i < 128; i++) {
      app.store(BASE + i * 4096L, i);
    }
    MemoryManager first = mm.fork(io.loomvisor.task.process.ResourceLimits.initial());
    app.store(BASE + 8 * 4096, 50);
    app.store(BASE + 100 * 4096, 51);
    int before = app.faults;
    long frames = platform.memory.framesInUse();
    MemoryManager second = mm.fork(io.loomvisor.task.process.ResourceLimits.initial());
    Application secondApp = new Application(platform, second);
    assertEquals(frames + 16, platform.memory.framesInUse(), "two blocks of eight");
    app.store(BASE + 8 * 4096, 60);
    secondApp.store(BASE + 100 * 4096, 61);
    assertEquals(before, app.faults);
    assertEquals(0, secondApp.faults);
    assertEquals(50, secondApp.load(BASE + 8 * 4096));
    assertEquals(51, app.load(BASE + 100 * 4096));
    assertEquals(8, new Application(platform, first).load(BASE + 8 * 4096));
    assertEquals(9, secondApp.load(BASE + 9 * 4096));
    assertEquals(20, secondApp.load(BASE + 20 * 4096));
    first.releaseUser();
    second.releaseUser();
  }

  @Test
  void forkSharesSharedMemoryAndObeysAdvice() {
    long shared = mm.mmap(0, 8192, RW, MAP_SHARED | MAP_ANONYMOUS, null, 0);
    fixed(BASE, 3, RW);
    mm.madvise(BASE, 4096, MADV_WIPEONFORK);
    mm.madvise(BASE + 4096, 4096, MADV_DONTFORK);
    app.store(BASE, 5);
    app.store(BASE + 4096, 6);
    app.store(shared, 7);
    MemoryManager child = mm.fork(io.loomvisor.task.process.ResourceLimits.initial());
    Application childApp = new Application(platform, child);
    assertEquals(7, childApp.load(shared));
    childApp.store(shared, 8);
    childApp.store(shared + 4096, 9);
    assertEquals(8, app.load(shared));
    assertEquals(9, app.load(shared + 4096));
    assertEquals(0, childApp.load(BASE));
    faults(FaultOutcome.NOT_MAPPED, () -> childApp.load(BASE + 4096));
    assertEquals(mm.futexKey(shared, false), child.futexKey(shared, false));
    assertFalse(mm.futexKey(BASE, false).equals(child.futexKey(BASE, false)));
    child.releaseUser();
    assertEquals(8, app.load(shared));
  }

  @Test
  void heapGrowsAndShrinks() {
    mm.setBrkStart(BASE + 100);
    assertEquals(BASE + 100, mm.brk(0));
    assertEquals(BASE + 10_000, mm.brk(BASE + 10_000));
    app.store(BASE + 9_999, 3);
    faults(FaultOutcome.NOT_MAPPED, () -> app.load(BASE + (3 << 12)));
    assertEquals("[heap]", mm.mappings().getFirst().label());
    assertEquals(BASE + 4096, mm.brk(BASE + 4096));
    faults(FaultOutcome.NOT_MAPPED, () -> app.load(BASE + 9_999));
    fixed(BASE + 0x10000, 1, RW);
    assertEquals(BASE + 4096, mm.brk(BASE + 0x20000));
    assertEquals(BASE + 4096, mm.brk(-1));
  }

  @Test
  void stackGrowsToItsLimitAndKeepsTheGap() {
    int grows = ANON | MAP_FIXED | MAP_GROWSDOWN;
    mm.mmap(BASE, 8192, RW, grows, null, 0);
    app.store(BASE - 4096, 1);
    app.store(BASE - (1 << 20), 2);
    assertEquals(BASE - (1 << 20), mm.vmas().getFirst().start());
    faults(FaultOutcome.NOT_MAPPED, () -> app.store(BASE - (9 << 20), 1));
    fixed(BASE - (4 << 20), 1, RW);
    faults(FaultOutcome.NOT_MAPPED, () -> app.store(BASE - (4 << 20) + 4096 + 200 * 4096, 1));
    app.store(BASE - (4 << 20) + 4096 + 300 * 4096, 1);
  }

  @Test
  void remapShrinksGrowsAndMoves() {
    fixed(BASE, 4, RW);
    for (int i = 0; i < 4; i++) {
      app.store(BASE + i * 4096, i + 1);
    }
    assertEquals(BASE, mm.mremap(BASE, 4 << 12, 2 << 12, 0, 0));
    faults(FaultOutcome.NOT_MAPPED, () -> app.load(BASE + (2 << 12)));
    assertEquals(BASE, mm.mremap(BASE, 2 << 12, 6 << 12, 0, 0));
    assertEquals(1, mm.vmas().size());
    fixed(BASE + (6 << 12), 1, PROT_READ);
    fails(Errno.ENOMEM, () -> mm.mremap(BASE, 6 << 12, 8 << 12, 0, 0));
    long moved = mm.mremap(BASE, 6 << 12, 8 << 12, MREMAP_MAYMOVE, 0);
    assertEquals(1, app.load(moved));
    assertEquals(2, app.load(moved + 4096));
    assertEquals(0, app.load(moved + (7 << 12)));
    faults(FaultOutcome.NOT_MAPPED, () -> app.load(BASE));
    long at = BASE + (1L << 30);
    assertEquals(at, mm.mremap(moved, 8 << 12, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, at));
    assertEquals(1, app.load(at));
    faults(FaultOutcome.NOT_MAPPED, () -> app.load(moved + 4096));
    long kept = mm.mremap(at, 4096, 4096, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
    assertEquals(1, app.load(kept));
    assertEquals(0, app.load(at));
    fails(Errno.EFAULT, () -> mm.mremap(BASE, 4096, 8192, MREMAP_MAYMOVE, 0));
    fails(Errno.EINVAL, () -> mm.mremap(kept, 4096, 0, 0, 0));
    fails(Errno.EINVAL, () -> mm.mremap(kept, 4096, 4096, MREMAP_FIXED, BASE));
  }

  @Test
  void dontneedDropsAndMincoreSees() {
    fixed(BASE, 16, RW);
    app.store(BASE, 1);
    assertEquals(1, incore(BASE, 4096)[0]);
    mm.madvise(BASE, 16 << 12, MADV_DONTNEED);
    assertEquals(0, incore(BASE, 4096)[0]);
    assertEquals(0, app.load(BASE));
    fails(Errno.ENOMEM, () -> mm.madvise(BASE - 4096, 8192, MADV_DONTNEED));
    fails(Errno.EINVAL, () -> mm.madvise(BASE, 4096, 77));
    fails(Errno.ENOMEM, () -> incore(BASE, 17 << 12));
  }

  @Test
  void copiesCrossPagesAndStopAtTheEnd() {
    fixed(BASE, 2, RW);
    byte[] bytes = new byte[3000];
    java.util.Arrays.fill(bytes, (byte) 'x');
    mm.copyOut(BASE + 3000, bytes);
    assertEquals('x', app.load(BASE + 4096));
    assertEquals(0, app.load(BASE + 2999));
    byte[] back = new byte[8192];
    assertEquals(5192, mm.copyInPartial(BASE + 3000, MemorySegment.ofArray(back), 0, 8192));
    fails(Errno.EFAULT, () -> mm.copyIn(BASE + 3000, 8192));
    mm.putLong(BASE + 4092, 0x1122334455667788L);
    assertEquals(0x1122334455667788L, mm.getLong(BASE + 4092));
    fails(Errno.EFAULT, () -> mm.getLong(BASE + 8188));
    assertEquals(8192, mm.faultIn(BASE, 1 << 20, true));
    assertEquals(96, mm.zeroPartial(BASE + 8096, 4096));
  }

  @Test
  void rangesThatLeaveUserSpaceFail() {
    fails(Errno.EFAULT, () -> mm.getByte(-1));
    fails(Errno.EFAULT, () -> mm.getInt(Long.MAX_VALUE));
    fails(Errno.EFAULT, () -> mm.putLong(Platform.MAX_USER_ADDRESS - 4, 1));
    fails(Errno.EFAULT, () -> mm.target(BASE, -1));
    fails(Errno.EFAULT, () -> mm.target(-8, 16));
    fails(Errno.EFAULT, () -> mm.source(Platform.MAX_USER_ADDRESS - 8, 9));
    fails(Errno.EFAULT, () -> mm.copyInString(Platform.KERNEL_START, 10));
    fails(Errno.EINVAL, () -> mm.targetVector(BASE, 1025));
    fails(Errno.EINVAL, () -> mm.targetVector(BASE, -1));
    assertEquals(
        0, mm.copyOutPartial(Platform.USER_SPACE_END, MemorySegment.ofArray(new byte[4]), 0, 4));
  }

  @Test
  void stringsEndAtNulOrFail() {
    fixed(BASE, 2, RW);
    mm.copyOut(BASE + 4090, "hello, world\0".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals("hello, world", mm.copyInString(BASE + 4090, 100));
    assertEquals("hello, world", mm.copyInString(BASE + 4090, 13));
    fails(Errno.ENAMETOOLONG, () -> mm.copyInString(BASE + 4090, 12));
    mm.copyOut(BASE + 8190, new byte[] {'a', 'b'});
    fails(Errno.EFAULT, () -> mm.copyInString(BASE + 8190, 100));
  }

  @Test
  void vectorsAreFilledInOrder() {
    fixed(BASE, 2, RW);
    for (int i = 0; i < 3; i++) {
      mm.putLong(BASE + i * 16, BASE + 1000 + i * 100);
      mm.putLong(BASE + i * 16 + 8, i == 1 ? 0 : 3);
    }
    var target = mm.targetVector(BASE, 3);
    assertEquals(6, target.remaining());
    assertEquals(6, target.prepare(100));
    assertEquals(6, target.put(MemorySegment.ofArray("abcdefg".getBytes()), 0, 7));
    assertEquals("abc", mm.copyInString(BASE + 1000, 10));
    assertEquals("def", mm.copyInString(BASE + 1200, 10));
    mm.putLong(BASE + 8, -1);
    fails(Errno.EINVAL, () -> mm.targetVector(BASE, 3));
  }

  @Test
  void compareAndSwap() {
    fixed(BASE, 1, RW);
    assertEquals(0, mm.compareAndSwapInt(BASE, 1, 2));
    assertEquals(0, mm.compareAndSwapInt(BASE, 0, 2));
    assertEquals(2, mm.getIntVolatile(BASE));
    fails(Errno.EINVAL, () -> mm.compareAndSwapInt(BASE + 1, 0, 2));
  }

  @Test
  void outOfMemoryIsAnOutcome() {
    long a = mm.mmap(0, 4096L << 12, RW, ANON | MAP_NORESERVE, null, 0);
    mm.mmap(0, 4096L << 12, RW, ANON | MAP_NORESERVE, null, 0);
    assertEquals(2 * (4096L << 12), mm.status().virtual());
    faults(
        FaultOutcome.OUT_OF_MEMORY,
        () -> {
          for (int i = -4096; i < 4096; i++) {
            app.store(a + i * 4096L, 1);
          }
        });
    assertEquals(4096, platform.memory.framesInUse());
    fails(Errno.ENOMEM, () -> mm.mmap(0, 4097L << 12, RW, ANON, null, 0));
  }

  @Test
  void closedMemoryIsEmpty() {
    MemoryManager other = MemoryManager.create(platform);
    long a = other.mmap(0, 4096, RW, ANON, null, 0);
    other.putByte(a, (byte) 1);
    assertTrue(other.acquireUser());
    other.releaseUser();
    assertEquals(1, other.getByte(a));
    other.releaseUser();
    assertFalse(other.acquireUser());
    fails(Errno.EFAULT, () -> other.getByte(a));
    assertEquals(FaultOutcome.NOT_MAPPED, other.fault(a, false, false));
    assertEquals(List.of(), other.vmas());
  }
}
