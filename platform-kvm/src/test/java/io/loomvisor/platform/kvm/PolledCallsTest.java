package io.loomvisor.platform.kvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.PolledCalls;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.ring0.EntryCode;
import io.loomvisor.platform.kvm.ring0.Layout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that the entry code posts, and the poller serves. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PolledCallsTest {
  private static final long CODE = 0x40_0000;
  private static final int CALL = 111;
  private static final int LAST = 112;
  private static final long SECOND = 1_000_000_000L;

  /** Whatever else the machine does, a posted call is served before the guest loses patience. */
  private static final Polling EAGER = new Polling(50_000_000, 3, 60 * SECOND, 60 * SECOND);

  /** The guest loses patience at once, and comes out while the poller is at it. */
  private static final Polling HASTY = new Polling(1, 3, 60 * SECOND, 60 * SECOND);

  /**
   * 1: mov $111, %eax; syscall; inc %rbx; cmp %rbx, %rax; jne 2f; dec %rbp; jnz 1b; mov $112, %eax;
   * syscall; 2: ud2
   */
  private static final byte[] SEQUENCE =
      HexFormat.of().parseHex("b86f0000000f0548ffc34839d8750c48ffcd75ecb8700000000f050f0b");

  /** syscall; mov %rax, %rbx; mov $112, %eax; syscall */
  private static final byte[] ASK = HexFormat.of().parseHex("0f054889c3b8700000000f05");

  private static final int BEHIND_FIRST = 2;

  /**
   * 1: mov %rdi, %rsi; mov $448, %ecx; 2: inc %eax; mov %eax, %edx; and $3, %edx; mov %edx, (%rsi);
   * movl $111, 8(%rsi); add $8, %rsi; loop 2b; jmp 1b
   */
  private static final byte[] LIAR =
      HexFormat.of().parseHex("4889feb9c0010000ffc089c283e2038916c746086f0000004883c608e2eaebe0");

  /** jmp *%rdi */
  private static final byte[] JUMP = HexFormat.of().parseHex("ffe7");

  private KvmPlatform platform;
  private AddressSpace space;

  private void start(Polling polling) {
    Guests.assumeKvm();
    platform =
        KvmPlatform.create(
            KvmOptions.DEFAULT.withMemoryLimit(64 << 20).withVcpus(3).withPolling(polling));
    BitSet numbers = new BitSet();
    numbers.set(CALL);
    platform.postableCalls(numbers);
    space = platform.newAddressSpace();
    space.openCallPage();
  }

  @AfterEach
  void stop() {
    if (platform != null) {
      if (!platform.closed()) {
        space.close();
      }
      platform.close();
    }
  }

  private void code(AddressSpace where, byte[] bytes) {
    Guests.map(platform, where, CODE, AddressSpace.READ | AddressSpace.EXEC, bytes);
  }

  private Context context(PolledCalls calls) {
    Context context = platform.newContext();
    context.polledCalls(calls);
    context.answers().allow(true);
    return context;
  }

  /** What a task and its kernel count together: a call lost or served twice breaks the sequence. */
  private static final class Counted {
    final AtomicLong calls = new AtomicLong();
    final AtomicInteger polled = new AtomicInteger();
    final AtomicInteger exits = new AtomicInteger();
    final AtomicInteger interrupted = new AtomicInteger();

    long serve() {
      polled.incrementAndGet();
      return calls.incrementAndGet();
    }
  }

  /** Runs SEQUENCE for {@code length} calls; all of them must have been served exactly once. */
  private void runSequence(Context context, AddressSpace where, Counted counted, int length) {
    Registers r = context.registers();
    r.rip = CODE;
    r.rbx = counted.calls.get();
    r.rbp = length;
    for (; ; ) {
      switch (context.run(where)) {
        case Exit.Syscall _ -> {
          if (r.rax == LAST) {
            return;
          }
          assertEquals(CALL, r.rax);
          counted.exits.incrementAndGet();
          r.rax = counted.calls.incrementAndGet();
        }
        case Exit.Interrupted _ -> counted.interrupted.incrementAndGet();
        case Exit other ->
            throw new AssertionError(
                other + ": got " + r.rax + " for " + r.rbx + " at " + Long.toHexString(r.rip));
      }
    }
  }

  /** Where the application comes out: behind the first call or the second. */
  private long ask(Context context, long number, long flags) {
    Registers r = context.registers();
    r.rip = CODE;
    r.rax = number;
    r.rflags = flags | 0x202;
    r.rdi = 0xD1;
    r.rsi = 0x51;
    r.rdx = 0xD;
    r.r10 = 10;
    r.r8 = 8;
    r.r9 = 9;
    r.rbp = 0xB;
    r.rsp = 0x8;
    r.r12 = 12;
    r.r13 = 13;
    r.r14 = 14;
    r.r15 = 15;
    Exit exit;
    do {
      exit = context.run(space);
    } while (exit instanceof Exit.Interrupted);
    assertInstanceOf(Exit.Syscall.class, exit);
    long[] kept = {
      r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9, r.rbp, r.rsp, r.r12, r.r13, r.r14, r.r15
    };
    assertArrayEquals(new long[] {0xD1, 0x51, 0xD, 10, 8, 9, 0xB, 8, 12, 13, 14, 15}, kept);
    assertEquals(flags | 0x202, r.rflags);
    assertEquals(r.rip, r.rcx);
    assertEquals(r.rflags, r.r11);
    return r.rip;
  }

  @Test
  void aPostedCallIsServedAndOnlyItsRegistersChange() {
    start(EAGER);
    code(space, ASK);
    List<List<Long>> seen = new ArrayList<>();
    try (Context context =
        context(
            (n, a, b, c, d, e, f) -> {
              seen.add(List.of(n, a, b, c, d, e, f));
              return -38;
            })) {
      Guests.awaitLooking(platform, context);
      // CF PF AF ZF SF, OF, DF, AC
      for (long flags : new long[] {0x1, 0x4, 0x10, 0x40, 0x80, 0x800, 0x8D5, 0, 0x400, 0x4_0000}) {
        seen.clear();
        assertEquals(CODE + ASK.length, ask(context, CALL, flags));
        assertEquals(-38, context.registers().rbx);
        assertEquals(LAST, context.registers().rax);
        assertEquals(List.of(List.of((long) CALL, 0xD1L, 0x51L, 0xDL, 10L, 8L, 9L)), seen);
      }
    }
  }

  @Test
  void otherCallsComeOutAsEver() {
    start(EAGER);
    code(space, ASK);
    Counted counted = new Counted();
    try (Context context = context((n, a, b, c, d, e, f) -> counted.serve())) {
      Guests.awaitLooking(platform, context);
      for (long number : new long[] {0, 1, 63, 110 ^ 64, 113, 511, 512, 4096, -1, 1L << 31}) {
        assertEquals(CODE + BEHIND_FIRST, ask(context, number, 0x8D5), "call " + number);
        assertEquals(number, context.registers().rax);
      }
      assertEquals(0, counted.polled.get());
    }
  }

  @Test
  void aDeclinedCallComesOut() {
    start(EAGER);
    code(space, ASK);
    AtomicInteger declined = new AtomicInteger();
    try (Context context =
        context(
            (n, a, b, c, d, e, f) -> {
              declined.incrementAndGet();
              return PolledCalls.DECLINED;
            })) {
      Guests.awaitLooking(platform, context);
      assertEquals(CODE + BEHIND_FIRST, ask(context, CALL, 0x8D5));
      assertEquals(CALL, context.registers().rax);
      assertEquals(1, declined.get());
    }
  }

  /** Every third call is declined, which is no reason to post no more: others are served. */
  @Test
  void callsAreDeclinedNowAndThen() {
    start(EAGER);
    code(space, SEQUENCE);
    Counted counted = new Counted();
    try (Context context =
        context(
            (n, a, b, c, d, e, f) ->
                counted.calls.get() % 3 == 2 ? PolledCalls.DECLINED : counted.serve())) {
      Guests.awaitLooking(platform, context);
      runSequence(context, space, counted, 300);
      assertEquals(100, counted.exits.get());
      assertEquals(200, counted.polled.get());
    }
  }

  /** It costs two attempts each time. */
  @Test
  void aTaskWhoseCallsAreAllDeclinedPostsNoMore() {
    start(EAGER);
    code(space, SEQUENCE);
    Counted counted = new Counted();
    AtomicInteger declined = new AtomicInteger();
    try (Context context =
        context(
            (n, a, b, c, d, e, f) -> {
              declined.incrementAndGet();
              return PolledCalls.DECLINED;
            })) {
      Guests.awaitLooking(platform, context);
      runSequence(context, space, counted, 300);
      assertEquals(300, counted.exits.get());
      assertTrue(declined.get() < 10, declined.toString());
    }
  }

  /** The sentry wants to see the task: it comes out, with the result, and the call is over. */
  @Test
  void aServedCallMayHaveTheTaskComeOut() {
    start(EAGER);
    code(space, SEQUENCE);
    Counted counted = new Counted();
    AtomicBoolean out = new AtomicBoolean();
    PolledCalls calls =
        new PolledCalls() {
          @Override
          public long serve(long n, long a, long b, long c, long d, long e, long f) {
            long result = counted.serve();
            out.set(result % 3 == 0);
            return result;
          }

          @Override
          public boolean comeOut() {
            return out.get();
          }
        };
    try (Context context = context(calls)) {
      Guests.awaitLooking(platform, context);
      runSequence(context, space, counted, 300);
      assertEquals(300, counted.calls.get());
      assertEquals(300, counted.polled.get());
      assertTrue(counted.interrupted.get() >= 100, counted.interrupted.toString());
    }
  }

  /** A call that takes long: the task has come out, and sleeps until it has been served. */
  @Test
  void aTaskSleepsUntilTheCallIsServed() {
    start(new Polling(400_000, 3, 60 * SECOND, 60 * SECOND));
    code(space, SEQUENCE);
    Counted counted = new Counted();
    try (Context context =
        context(
            (n, a, b, c, d, e, f) -> {
              LockSupport.parkNanos(50_000_000);
              return counted.serve();
            })) {
      Guests.awaitLooking(platform, context);
      runSequence(context, space, counted, 20);
      assertEquals(20, counted.calls.get());
      assertTrue(counted.polled.get() > 0);
    }
  }

  @Test
  void nothingIsServedUnlessAllowed() {
    start(EAGER);
    code(space, ASK);
    Counted counted = new Counted();
    try (Context context = context((n, a, b, c, d, e, f) -> counted.serve())) {
      Guests.awaitLooking(platform, context);
      for (boolean on : new boolean[] {false, true, false}) {
        context.answers().allow(on);
        assertEquals(CODE + (on ? ASK.length : BEHIND_FIRST), ask(context, CALL, 0));
      }
      assertEquals(1, counted.polled.get());
    }
  }

  @Test
  void nothingIsPostedWithoutACallPage() {
    start(EAGER);
    Counted counted = new Counted();
    AddressSpace plain = platform.newAddressSpace();
    code(plain, SEQUENCE);
    try (Context context = context((n, a, b, c, d, e, f) -> counted.serve())) {
      Guests.awaitLooking(platform, context);
      runSequence(context, plain, counted, 10);
      assertEquals(10, counted.exits.get());
      plain.openCallPage();
      runSequence(context, plain, counted, 10);
      assertEquals(10, counted.polled.get());
    }
    plain.close();
  }

  @Test
  void theCallPageGoesWithItsAddressSpace() {
    start(EAGER);
    openAndClose(); // the tables are kept for the next one
    long before = platform.memory().framesInUse();
    openAndClose();
    assertEquals(before, platform.memory().framesInUse());
  }

  private void openAndClose() {
    AddressSpace another = platform.newAddressSpace();
    another.openCallPage();
    another.openCallPage();
    assertNotEquals(MemoryFile.NO_FRAME, another.lookup(Layout.CALL_PAGE, AddressSpace.WRITE));
    assertEquals(MemoryFile.NO_FRAME, another.lookup(Layout.CALL_PAGE, AddressSpace.EXEC));
    another.close();
  }

  /** There are areas for so many; the others' calls come out, until one is free. */
  @Test
  void tasksBeyondTheAreasComeOut() {
    start(EAGER);
    code(space, SEQUENCE);
    Counted counted = new Counted();
    List<Context> contexts = new ArrayList<>();
    for (int i = 0; i <= Layout.CALL_AREAS; i++) {
      Context context = context((n, a, b, c, d, e, f) -> counted.serve());
      Guests.awaitLooking(platform, context);
      runSequence(context, space, counted, 1);
      context.release();
      contexts.add(context);
    }
    assertEquals(Layout.CALL_AREAS, counted.polled.get());
    assertEquals(1, counted.exits.get());
    contexts.removeFirst().close();
    runSequence(contexts.getLast(), space, counted, 1);
    assertEquals(Layout.CALL_AREAS + 1, counted.polled.get());
    contexts.forEach(Context::close);
  }

  /** Kicks at any instruction: no call is lost or served twice. */
  @Test
  void kicksWhilePosting() throws InterruptedException {
    start(EAGER);
    code(space, SEQUENCE);
    Counted counted = new Counted();
    AtomicBoolean done = new AtomicBoolean();
    try (Context context = context((n, a, b, c, d, e, f) -> counted.serve())) {
      Guests.awaitLooking(platform, context);
      // A task whose first posts are all interrupted gives posting up for a long time.
      runSequence(context, space, counted, 1);
      Thread kicker =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!done.get()) {
                      context.interrupt();
                      LockSupport.parkNanos(20_000);
                    }
                  });
      long end = System.nanoTime() + 30 * SECOND;
      while ((counted.interrupted.get() < 3000 || counted.exits.get() == 0)
          && System.nanoTime() < end) {
        runSequence(context, space, counted, 200);
      }
      done.set(true);
      kicker.join();
    }
    assertTrue(counted.interrupted.get() > 100, counted.interrupted + " kicks");
    assertTrue(counted.polled.get() > 0, "nothing was served");
  }

  /** The guest is on its way out while the poller serves its call. */
  @Test
  void servedWhileLeaving() {
    start(HASTY);
    code(space, SEQUENCE);
    Counted counted = new Counted();
    long end = System.nanoTime() + 60 * SECOND;
    while (counted.interrupted.get() < 3 && System.nanoTime() < end) {
      // A new one each time: a task gives posting up for a while after some calls in vain.
      try (Context context =
          context(
              (n, a, b, c, d, e, f) -> {
                LockSupport.parkNanos(1_000_000);
                return counted.serve();
              })) {
        Guests.awaitLooking(platform, context);
        runSequence(context, space, counted, 20);
      }
    }
    assertTrue(counted.polled.get() > 0, "the poller was never there in time");
    assertTrue(counted.interrupted.get() > 0, "no call was served while its task was leaving");
  }

  /**
   * What the poller does may get the task that it serves out of the guest, and wait until it is:
   * changing its page tables does.
   */
  @Test
  void theHandlerMayWaitForTheVcpuOfItsTask() {
    start(EAGER);
    code(space, SEQUENCE);
    Counted counted = new Counted();
    try (Context context =
        context(
            (n, a, b, c, d, e, f) -> {
              space.barrier();
              return counted.serve();
            })) {
      Guests.awaitLooking(platform, context);
      runSequence(context, space, counted, 100);
    }
    assertTrue(counted.polled.get() > 0);
  }

  /** Two tasks of one address space and one of another, all at it on three vCPUs. */
  @Test
  void severalTasksAtATime() {
    start(new Polling(50_000_000, 4, 60 * SECOND, 60 * SECOND));
    AddressSpace other = platform.newAddressSpace();
    other.openCallPage();
    code(space, SEQUENCE);
    code(other, SEQUENCE);
    AtomicInteger polled = new AtomicInteger();
    List<CompletableFuture<Void>> runs = new ArrayList<>();
    for (AddressSpace where : List.of(space, space, other)) {
      runs.add(
          onOwnThread(
              () -> {
                Counted counted = new Counted();
                try (Context context = context((n, a, b, c, d, e, f) -> counted.serve())) {
                  Guests.awaitLooking(platform, context);
                  runSequence(context, where, counted, 3000);
                }
                assertEquals(3000, counted.calls.get());
                polled.addAndGet(counted.polled.get());
              }));
    }
    runs.forEach(CompletableFuture::join);
    assertNotEquals(0, polled.get());
    other.close();
  }

  private static CompletableFuture<Void> onOwnThread(Runnable body) {
    return CompletableFuture.runAsync(body, r -> Thread.ofPlatform().start(r));
  }

  /**
   * A thread that scribbles over the call page while another of the same address space makes calls:
   * they may get anything. A task elsewhere does not notice.
   */
  @Test
  void aLieHurtsOnlyTheLiar() {
    start(new Polling(50_000_000, 4, 60 * SECOND, 60 * SECOND));
    AddressSpace other = platform.newAddressSpace();
    other.openCallPage();
    code(space, LIAR);
    Guests.map(platform, space, CODE + 4096, AddressSpace.READ | AddressSpace.EXEC, ASK);
    code(other, SEQUENCE);
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> liar = onOwnThread(() -> lie(done, (n, a, b, c, d, e, f) -> n ^ a));
    CompletableFuture<Integer> victim = new CompletableFuture<>();
    Thread.ofPlatform().start(() -> victim.complete(callAmongLies(done)));
    Counted honest = new Counted();
    try (Context context = context((n, a, b, c, d, e, f) -> honest.serve())) {
      long end = System.nanoTime() + 5 * SECOND;
      while (System.nanoTime() < end) {
        Guests.awaitLooking(platform, context);
        runSequence(context, other, honest, 500);
      }
    }
    done.set(true);
    liar.join();
    assertTrue(victim.join() > 0);
    assertTrue(honest.polled.get() > 0);
    other.close();
  }

  private void lie(AtomicBoolean done, PolledCalls calls) {
    try (Context context = context(calls)) {
      context.registers().rip = CODE;
      context.registers().rdi = Layout.CALL_PAGE;
      while (!done.get()) {
        context.interrupt();
        assertInstanceOf(Exit.Interrupted.class, context.run(space));
        LockSupport.parkNanos(1000);
      }
    }
  }

  /** How many calls came back with whatever result. */
  private int callAmongLies(AtomicBoolean done) {
    int calls = 0;
    try (Context context = context((n, a, b, c, d, e, f) -> n)) {
      Registers r = context.registers();
      while (!done.get()) {
        r.rip = CODE + 4096;
        r.rax = CALL;
        while (r.rip != CODE + 4096 + ASK.length && !done.get()) {
          Exit exit = context.run(space);
          assertFalse(exit instanceof Exit.Fault || exit instanceof Exit.PageFault);
        }
        calls++;
      }
    }
    return calls;
  }

  /** The code that posts is there for applications to jump to, where SYSCALL stays in ring 3. */
  @Test
  void jumpsIntoTheCodeThatPosts() {
    start(EAGER);
    AddressSpace plain = platform.newAddressSpace();
    code(plain, JUMP);
    code(space, JUMP);
    Counted counted = new Counted();
    try (Context context = context((n, a, b, c, d, e, f) -> counted.serve())) {
      for (AddressSpace where : List.of(plain, space)) {
        for (long at = Layout.entry(0); at < Layout.entry(0) + EntryCode.bytes(true).length; at++) {
          Registers r = context.registers();
          r.rip = CODE;
          r.rdi = at;
          r.rax = CALL;
          r.rcx = CODE + 0x1000;
          r.rflags = 0x202;
          r.rdx = 1;
          context.interrupt();
          context.run(where);
          Exit exit = context.run(where);
          assertTrue(r.rip < Layout.CALL_PAGE || exit instanceof Exit.Fault, exit.toString());
        }
      }
    }
    plain.close();
  }

  /** Closing waits for the call that is being served; none is served afterwards. */
  @Test
  void closingWhileServing() {
    start(EAGER);
    code(space, SEQUENCE);
    AtomicBoolean serving = new AtomicBoolean();
    AtomicInteger after = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    Context context =
        context(
            (n, a, b, c, d, e, f) -> {
              serving.set(true);
              LockSupport.parkNanos(20_000_000);
              if (over.get()) {
                after.incrementAndGet();
              }
              return 1;
            });
    CompletableFuture<Void> task =
        onOwnThread(
            () -> {
              Registers r = context.registers();
              r.rip = CODE;
              r.rbp = 1000;
              try {
                while (true) {
                  context.countPollable(System.nanoTime());
                  context.run(space);
                  r.rip = CODE;
                  r.rbx = 0;
                }
              } catch (io.loomvisor.platform.Platform.ClosedException e) {
                context.close();
              }
            });
    while (!serving.get()) {
      Thread.onSpinWait();
    }
    platform.close();
    over.set(true);
    task.join();
    assertEquals(0, after.get());
  }
}
