package io.loomvisor.platform.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.kvm.ring0.Layout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KvmPlatformTest {
  private static final long CODE = 0x40_0000;
  private static final long DATA = 0x7FFF_FFE0_0000L;
  private static final int RW = AddressSpace.READ | AddressSpace.WRITE;

  /** mov (%rdi), %rax; syscall */
  private static final int[] LOAD = {0x48, 0x8B, 0x07, 0x0F, 0x05};

  /** mov %rsi, (%rdi); syscall */
  private static final int[] STORE = {0x48, 0x89, 0x37, 0x0F, 0x05};

  /** jmp . */
  private static final int[] SPIN = {0xEB, 0xFE};

  private KvmPlatform platform;
  private MemoryFile memory;
  private AddressSpace space;
  private long code;
  private int used;

  @BeforeEach
  void start() {
    Guests.assumeKvm();
    platform = KvmPlatform.create(KvmOptions.DEFAULT.withMemoryLimit(256 << 20).withVcpus(2));
    memory = platform.memory();
    space = platform.newAddressSpace();
    code = memory.allocate();
    space.map(CODE, code, 1, AddressSpace.READ | AddressSpace.EXEC);
  }

  @AfterEach
  void stop() {
    if (platform != null) {
      space.close();
      platform.close();
    }
  }

  private long program(int... bytes) {
    long at = used;
    for (int b : bytes) {
      memory.segment(code, 1).set(ValueLayout.JAVA_BYTE, used++, (byte) b);
    }
    used += 15;
    return CODE + at;
  }

  private Exit run(Context context, long rip) {
    context.registers().rip = rip;
    Exit exit = context.run(space);
    return exit;
  }

  private Exit access(Context context, long rip, long address, long value) {
    context.registers().rdi = address;
    context.registers().rsi = value;
    return run(context, rip);
  }

  private static void assertFault(Exit exit, boolean write, boolean present) {
    Exit.PageFault fault = assertInstanceOf(Exit.PageFault.class, exit);
    assertEquals(new Exit.PageFault(DATA, write, false, present), fault);
  }

  @Test
  void systemCallCarriesRegistersBothWays() {
    long at = program(0x48, 0xFF, 0xC0, 0x0F, 0x05);
    try (Context context = platform.newContext()) {
      context.registers().rax = 41;
      context.registers().r15 = 15;
      context.registers().rsp = 0x1234_5678;
      assertInstanceOf(Exit.Syscall.class, run(context, at));
      assertEquals(42, context.registers().rax);
      assertEquals(15, context.registers().r15);
      assertEquals(0x1234_5678, context.registers().rsp);
      assertEquals(at + 5, context.registers().rip);
    }
  }

  @Test
  void exceptionsOfTheApplicationAreFaults() {
    try (Context context = platform.newContext()) {
      long undefined = program(0x0F, 0x0B);
      assertEquals(new Exit.Fault(6, 0), run(context, undefined));
      assertEquals(undefined, context.registers().rip);
      assertEquals(new Exit.Fault(3, 0), run(context, program(0xCC)));
      assertEquals(new Exit.Fault(0, 0), run(context, program(0x31, 0xC9, 0xF7, 0xF1)));
      assertEquals(new Exit.Fault(13, 0), run(context, program(0xF4)));
      long kernelHalf = 0xFFFF_8000_0000_0000L;
      assertEquals(new Exit.PageFault(kernelHalf, false, true, false), run(context, kernelHalf));
      assertEquals(new Exit.Fault(13, 0), run(context, 0x00FF_0000_0000_0000L));
    }
  }

  @Test
  void portAccessOfTheApplicationIsGeneralProtection() {
    try (Context context = platform.newContext()) {
      for (int[] bytes : new int[][] {{0xE6, 0xF0}, {0xE4, 0xF0}, {0xE6, 0xF1}, {0xE6, 0x80}}) {
        long at = program(bytes);
        assertEquals(13, assertInstanceOf(Exit.Fault.class, run(context, at)).vector());
        assertEquals(at, context.registers().rip);
        assertInstanceOf(Exit.Syscall.class, run(context, program(0x0F, 0x05)));
      }
    }
  }

  @Test
  void kernelHalfIsOutOfReach() {
    long load = program(LOAD);
    try (Context context = platform.newContext()) {
      for (long address :
          new long[] {
            Layout.IDT, Layout.GDT, Layout.STUBS, Layout.tss(0), Layout.stackTop(0) - 8
          }) {
        Exit.PageFault fault =
            assertInstanceOf(Exit.PageFault.class, access(context, load, address, 0));
        assertEquals(address, fault.address());
      }
    }
  }

  /** Every kind of downgrade, by contexts on two vCPUs that both used the old translation. */
  @Test
  void downgradesAreSeenOnBothVcpus() {
    long load = program(LOAD);
    long store = program(STORE);
    long a = memory.allocate();
    long b = memory.allocate();
    memory.segment(a, 1).set(ValueLayout.JAVA_LONG, 0, 0xAAAA);
    memory.segment(b, 1).set(ValueLayout.JAVA_LONG, 0, 0xBBBB);
    try (Context one = platform.newContext();
        Context two = platform.newContext()) {
      Context[] both = {one, two};
      for (Context c : both) {
        assertFault(access(c, load, DATA, 0), false, false);
      }
      space.map(DATA, a, 1, RW);
      for (Context c : both) {
        assertInstanceOf(Exit.Syscall.class, access(c, store, DATA, 0x1111));
      }
      space.protect(DATA, 4096, AddressSpace.READ);
      space.flush();
      for (Context c : both) {
        assertFault(access(c, store, DATA, 0x2222), true, true);
      }
      space.map(DATA, b, 1, AddressSpace.READ);
      space.flush();
      for (Context c : both) {
        assertInstanceOf(Exit.Syscall.class, access(c, load, DATA, 0));
        assertEquals(0xBBBB, c.registers().rax);
      }
      space.unmap(DATA, 4096);
      space.flush();
      for (Context c : both) {
        assertFault(access(c, load, DATA, 0), false, false);
      }
      assertEquals(0x1111, memory.segment(a, 1).get(ValueLayout.JAVA_LONG, 0));
    }
  }

  /** A recycled tree must not show what its former owner mapped. */
  @Test
  void newAddressSpaceIsEmptyAfterOneWasClosed() {
    long load = program(LOAD);
    long frame = memory.allocate();
    try (Context context = platform.newContext()) {
      space.map(DATA, frame, 1, RW);
      assertInstanceOf(Exit.Syscall.class, access(context, load, DATA, 0));
      space.close();
      space = platform.newAddressSpace();
      space.map(CODE, code, 1, AddressSpace.READ | AddressSpace.EXEC);
      assertFault(access(context, load, DATA, 0), false, false);
    }
  }

  @Test
  void vectorRegistersAndFsBaseBelongToTheContext() throws InterruptedException {
    // movq %rdi, %xmm7; syscall  and  movq %xmm7, %rax; mov %fs:0, %rbx; syscall
    long set = program(0x66, 0x48, 0x0F, 0x6E, 0xFF, 0x0F, 0x05);
    long get =
        program(0x66, 0x48, 0x0F, 0x7E, 0xF8, 0x64, 0x48, 0x8B, 0x1C, 0x25, 0, 0, 0, 0, 0x0F, 0x05);
    long frame = memory.allocate();
    MemorySegment page = memory.segment(frame, 1);
    space.map(DATA, frame, 1, RW);
    Context[] contexts = new Context[5];
    for (int i = 0; i < contexts.length; i++) {
      page.set(ValueLayout.JAVA_LONG, i * 8L, 1000 + i);
      contexts[i] = platform.newContext();
      contexts[i].registers().fsBase = DATA + i * 8L;
      contexts[i].registers().rdi = 77 + i;
      assertInstanceOf(Exit.Syscall.class, run(contexts[i], set));
      contexts[i].release();
    }
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < contexts.length; i++) {
        assertInstanceOf(Exit.Syscall.class, run(contexts[i], get));
        assertEquals(77 + i, contexts[i].registers().rax);
        assertEquals(1000 + i, contexts[i].registers().rbx);
        contexts[i].writeFpu(contexts[i].readFpu());
        contexts[i].release();
      }
    }
    for (Context context : contexts) {
      context.close();
    }
  }

  @Test
  void interruptGetsASpinningApplicationOut() throws InterruptedException {
    long spin = program(SPIN);
    AtomicReference<Exit> exit = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(1);
    try (Context context = platform.newContext()) {
      Thread.ofPlatform()
          .start(
              () -> {
                exit.set(run(context, spin));
                context.release();
                done.countDown();
              });
      context.interrupt();
      assertTrue(done.await(20, TimeUnit.SECONDS));
      assertInstanceOf(Exit.Interrupted.class, exit.get());
      assertEquals(spin, context.registers().rip);
    }
  }

  /**
   * More spinning contexts than vCPUs: every one gets its turn, which shows in its own counter in
   * guest memory.
   */
  @Test
  void spinningContextsShareTheVcpus() throws InterruptedException {
    // 1: incq (%rdi); jmp 1b
    long count = program(0x48, 0xFF, 0x07, 0xEB, 0xFB);
    long frame = memory.allocate();
    space.map(DATA, frame, 1, RW);
    int n = 12;
    Context[] contexts = new Context[n];
    CountDownLatch done = new CountDownLatch(n);
    for (int i = 0; i < n; i++) {
      Context context = platform.newContext();
      contexts[i] = context;
      context.registers().rdi = DATA + i * 8L;
      Thread.ofPlatform()
          .start(
              () -> {
                run(context, count);
                context.release();
                done.countDown();
              });
    }
    Guests.awaitNonZero(memory.segment(frame, 1), n);
    for (Context context : contexts) {
      context.interrupt();
    }
    assertTrue(done.await(20, TimeUnit.SECONDS));
  }

  @Test
  void framesAreCountedAndComeBackZeroed() {
    long before = memory.framesInUse();
    long frame = memory.allocate();
    memory.segment(frame, 1).fill((byte) 0x5A);
    memory.retain(frame);
    assertEquals(2, memory.references(frame));
    memory.release(frame);
    memory.release(frame);
    assertEquals(before, memory.framesInUse());
    assertThrows(IllegalStateException.class, () -> memory.release(frame));
    for (int i = 0; i < 4; i++) {
      long next = memory.allocate();
      assertEquals(-1, memory.segment(next, 1).mismatch(MemorySegment.ofArray(new byte[4096])));
    }
    assertEquals(0, memory.allocate(16, 16) & 15);
  }
}
