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

  private static Exit load(Context context, AddressSpace space, long address) {
    context.registers().rip = CODE;
    context.registers().rdi = address;
    return context.run(space);
  }
}
