package io.loomvisor.platform.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.MemoryFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Page tables under vCPUs that run, and over many lives. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class AddressSpaceTest {
  private static final long CODE = 0x40_0000;
  private static final long DATA = 0x50_0000;
  private static final long REGION = 2 << 20;
  private static final int RW = AddressSpace.READ | AddressSpace.WRITE;

  /** 1: incq (%rdi); jmp 1b */
  private static final byte[] COUNT = {0x48, (byte) 0xFF, 0x07, (byte) 0xEB, (byte) 0xFB};

  /** mov (%rdi), %rax; syscall */
  private static final byte[] LOAD = {0x48, (byte) 0x8B, 0x07, 0x0F, 0x05};

  private KvmPlatform platform;
  private MemoryFile memory;

  @BeforeEach
  void start() {
    Guests.assumeKvm();
    platform = KvmPlatform.create(KvmOptions.DEFAULT.withMemoryLimit(512 << 20).withVcpus(2));
    memory = platform.memory();
  }

  @AfterEach
  void stop() {
    if (platform != null) {
      platform.close();
    }
  }

  /**
   * Two contexts write to one page on two vCPUs without leaving the guest. After each flush of a
   * downgrade neither may have the old translation: the page's frame no longer changes, and both
   * come out with the right fault.
   */
  @Test
  void downgradesReachVcpusThatAreRunning() throws InterruptedException {
    AddressSpace space = platform.newAddressSpace();
    Guests.map(platform, space, CODE, AddressSpace.READ | AddressSpace.EXEC, COUNT);
    long frame = Guests.map(platform, space, DATA, RW);
    MemorySegment page = memory.segment(frame, 1);
    for (int round = 0; round < 30; round++) {
      boolean unmap = round % 2 == 0;
      page.fill((byte) 0);
      space.map(DATA, frame, 1, RW);
      ConcurrentLinkedQueue<Exit> exits = new ConcurrentLinkedQueue<>();
      CountDownLatch done = new CountDownLatch(2);
      for (int i = 0; i < 2; i++) {
        long address = DATA + i * 8L;
        Thread.ofPlatform().start(() -> runUntilFault(space, address, exits, done));
      }
      Guests.awaitNonZero(page, 2);
      if (unmap) {
        space.unmap(DATA, 4096);
      } else {
        space.protect(DATA, 4096, AddressSpace.READ);
      }
      space.flush();
      long[] after = {Guests.read(page, 0), Guests.read(page, 8)};
      assertTrue(done.await(30, TimeUnit.SECONDS), "round " + round + ": still running");
      assertEquals(after[0], Guests.read(page, 0), "written to after the flush");
      assertEquals(after[1], Guests.read(page, 8), "written to after the flush");
      assertEquals(2, exits.size());
      for (Exit exit : exits) {
        Exit.PageFault fault = assertInstanceOf(Exit.PageFault.class, exit);
        // INC reads first, and an emulated CPU may report the read where nothing is mapped.
        assertEquals(
            new Exit.PageFault(fault.address(), !unmap || fault.write(), false, !unmap), fault);
      }
    }
    space.close();
  }

  private void runUntilFault(
      AddressSpace space, long address, ConcurrentLinkedQueue<Exit> exits, CountDownLatch done) {
    try (Context context = platform.newContext()) {
      context.registers().rip = CODE;
      context.registers().rdi = address;
      exits.add(context.run(space));
    } finally {
      done.countDown();
    }
  }

  /** Address spaces come and go; each must see its own page and nothing of its predecessors. */
  @Test
  void recycledAddressSpacesShowOnlyTheirOwnPages() {
    long before = memory.framesInUse();
    try (Context context = platform.newContext()) {
      for (int life = 1; life <= 300; life++) {
        AddressSpace space = platform.newAddressSpace();
        long[] frames = {
          Guests.map(platform, space, CODE, AddressSpace.READ | AddressSpace.EXEC, LOAD),
          Guests.map(platform, space, DATA + life % 7 * REGION, RW, (byte) life)
        };
        for (int place = 0; place < 7; place++) {
          context.registers().rip = CODE;
          context.registers().rdi = DATA + place * REGION;
          Exit exit = context.run(space);
          if (place == life % 7) {
            assertInstanceOf(Exit.Syscall.class, exit);
            assertEquals(life & 0xFF, context.registers().rax);
          } else {
            assertEquals(new Exit.PageFault(DATA + place * REGION, false, false, false), exit);
          }
        }
        space.close();
        Arrays.stream(frames).forEach(memory::release);
      }
    }
    assertTrue(memory.framesInUse() - before < 64, "tables are recycled: " + memory.framesInUse());
  }

  @Test
  void tablesOfUnmappedRangesAreGivenBack() {
    AddressSpace space = platform.newAddressSpace();
    Guests.map(platform, space, CODE, AddressSpace.READ | AddressSpace.EXEC, LOAD);
    long frame = memory.allocate();
    memory.segment(frame, 1).set(ValueLayout.JAVA_LONG, 0, 77);
    int regions = 600;
    long before = memory.framesInUse();
    try (Context context = platform.newContext()) {
      for (int round = 0; round < 10; round++) {
        long base = 0x1000_0000_0000L + round * 0x100_0000_0000L;
        for (int i = 0; i < regions; i++) {
          space.map(base + i * REGION, frame, 1, RW);
        }
        assertInstanceOf(Exit.Syscall.class, load(context, space, base));
        assertEquals(77, context.registers().rax);
        space.unmap(base, regions * REGION);
        space.flush();
        assertEquals(new Exit.PageFault(base, false, false, false), load(context, space, base));
        // What is mapped again in a range whose tables have gone is there.
        space.map(base + REGION, frame, 1, RW);
        assertInstanceOf(Exit.Syscall.class, load(context, space, base + REGION));
        assertTrue(
            memory.framesInUse() - before < 200,
            "tables in use: " + (memory.framesInUse() - before));
      }
    }
    space.close();
  }

  /** mov %rax, (%rdi); syscall */
  private static final byte[] STORE = {0x48, (byte) 0x89, 0x07, 0x0F, 0x05};

  private static final long STORE_CODE = CODE + 4096;
  private static final long BIG = 0x4000_0000;
  private static final int PAGES = 512;

  /** One entry of 2 MiB, taken apart in every way; frames and tables come back. */
  @ParameterizedTest
  @EnumSource(KvmOptions.LargePages.class)
  void partsOfLargePagesAreTakenAway(KvmOptions.LargePages when) {
    restart(when);
    long before = memory.framesInUse();
    for (int life = 0; life < 3; life++) {
      AddressSpace space = platform.newAddressSpace();
      int rx = AddressSpace.READ | AddressSpace.EXEC;
      long code = Guests.map(platform, space, CODE, rx, LOAD);
      long storeCode = Guests.map(platform, space, STORE_CODE, rx, STORE);
      long frame = memory.allocate(2 * PAGES, PAGES);
      space.map(BIG, frame, 2 * PAGES, RW);
      try (Context context = platform.newContext()) {
        for (int page : new int[] {0, 1, 511, 512, 1023}) {
          assertInstanceOf(Exit.Syscall.class, store(context, space, at(page), page + 7));
          assertEquals(page + 7, Guests.read(memory.segment(frame + page, 1), 0));
          assertEquals(frame + page, space.lookup(at(page), RW));
        }
        space.protect(at(0), 2 * PAGES << 12, AddressSpace.READ);
        space.flush();
        assertEquals(writeFault(at(1), true), store(context, space, at(1), 1));
        space.protect(at(1), 4096, RW); // more permission for a part: no flush
        assertInstanceOf(Exit.Syscall.class, store(context, space, at(1), 99));
        assertEquals(writeFault(at(0), true), store(context, space, at(0), 1));
        space.unmap(at(511), 2 * 4096); // the end of one, the beginning of the other
        space.flush();
        for (int page : new int[] {511, 512}) {
          assertEquals(readFault(at(page)), load(context, space, at(page)));
        }
        assertInstanceOf(Exit.Syscall.class, load(context, space, at(1023)));
        assertEquals(1023 + 7, context.registers().rax);
        space.map(at(513), frame, 1, RW); // another frame in the midst
        space.flush();
        assertInstanceOf(Exit.Syscall.class, load(context, space, at(513)));
        assertEquals(7, context.registers().rax);
        space.unmap(BIG, 2 * PAGES << 12);
        space.flush();
        assertEquals(readFault(at(1023)), load(context, space, at(1023)));
      }
      space.close();
      for (int i = 0; i < 2 * PAGES; i++) {
        memory.release(frame + i);
      }
      memory.release(code);
      memory.release(storeCode);
    }
    assertTrue(memory.framesInUse() - before < 32, "frames left: " + memory.framesInUse());
  }

  /** As {@link #downgradesReachVcpusThatAreRunning}, for pages inside an entry of 2 MiB. */
  @Test
  void downgradesInsideLargePagesReachVcpusThatAreRunning() throws InterruptedException {
    restart(KvmOptions.LargePages.ALWAYS);
    long frame = memory.allocate(PAGES, PAGES);
    for (int round = 0; round < 20; round++) {
      AddressSpace space = platform.newAddressSpace();
      Guests.map(platform, space, CODE, AddressSpace.READ | AddressSpace.EXEC, COUNT);
      memory.segment(frame, PAGES).fill((byte) 0);
      space.map(BIG, frame, PAGES, RW);
      ConcurrentLinkedQueue<Exit> exits = new ConcurrentLinkedQueue<>();
      CountDownLatch done = new CountDownLatch(1);
      int page = round * 17;
      Thread.ofPlatform().start(() -> runUntilFault(space, at(page), exits, done));
      MemorySegment bytes = memory.segment(frame + page, 1);
      Guests.awaitNonZero(bytes, 1);
      switch (round % 3) {
        case 0 -> space.protect(at(page), 4096, AddressSpace.READ);
        case 1 -> space.unmap(at(page), 4096);
        default -> space.unmap(BIG, PAGES << 12);
      }
      space.flush();
      long after = Guests.read(bytes, 0);
      assertTrue(done.await(30, TimeUnit.SECONDS), "round " + round + ": still running");
      assertEquals(after, Guests.read(bytes, 0), "written to after the flush");
      assertEquals(at(page), assertInstanceOf(Exit.PageFault.class, exits.poll()).address());
      space.close();
    }
  }

  private void restart(KvmOptions.LargePages when) {
    platform.close();
    platform =
        KvmPlatform.create(
            KvmOptions.DEFAULT.withMemoryLimit(512 << 20).withVcpus(2).withLargePages(when));
    memory = platform.memory();
  }

  private static long at(int page) {
    return BIG + ((long) page << 12);
  }

  private static Exit.PageFault writeFault(long address, boolean present) {
    return new Exit.PageFault(address, true, false, present);
  }

  private static Exit.PageFault readFault(long address) {
    return new Exit.PageFault(address, false, false, false);
  }

  private static Exit store(Context context, AddressSpace space, long address, long value) {
    context.registers().rip = STORE_CODE;
    context.registers().rdi = address;
    context.registers().rax = value;
    return context.run(space);
  }

  private static Exit load(Context context, AddressSpace space, long address) {
    context.registers().rip = CODE;
    context.registers().rdi = address;
    return context.run(space);
  }
}
