package io.loomvisor.platform.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.InstantAnswers.Answer;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.ring0.Layout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the entry code answers, and what it leaves of the registers. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class InstantAnswersTest {
  private static final long CODE = 0x40_0000;
  private static final long DATA = 0x50_0000;
  private static final int NOT_ANSWERED = 111;
  private static final int SCHED_YIELD = 24;

  /** CF PF AF ZF SF, and OF. */
  private static final long[] FLAGS = {
    0x1, 0x4, 0x10, 0x40, 0x80, 0x800, 0x8D5, 0, 0x400, 0x4_0000
  };

  /** syscall; mov %rax, %rbx; mov $111, %eax; syscall */
  private static final byte[] ASK = {
    0x0F, 0x05, 0x48, (byte) 0x89, (byte) 0xC3, (byte) 0xB8, NOT_ANSWERED, 0, 0, 0, 0x0F, 0x05
  };

  private static final int BEHIND_FIRST = 2;

  private KvmPlatform platform;
  private AddressSpace space;

  @BeforeEach
  void start() {
    Guests.assumeKvm();
    platform = KvmPlatform.create(KvmOptions.DEFAULT.withMemoryLimit(64 << 20).withVcpus(2));
    space = platform.newAddressSpace();
  }

  @AfterEach
  void stop() {
    if (platform != null) {
      space.close();
      platform.close();
    }
  }

  private void code(byte... bytes) {
    Guests.map(platform, space, CODE, AddressSpace.READ | AddressSpace.EXEC, bytes);
  }

  private static Context allowed(Context context) {
    for (Answer a : Answer.values()) {
      context.answers().set(a, 1000 + a.number());
    }
    context.answers().allow(true);
    return context;
  }

  /** Where the application is when it comes out: at the first call or at the second. */
  private long ask(Context context, int number, long flags) {
    Registers r = context.registers();
    r.rip = CODE;
    r.rax = number;
    r.rflags = flags | 0x202;
    assertInstanceOf(Exit.Syscall.class, context.run(space));
    return r.rip;
  }

  @Test
  void everyCallIsAnsweredAndOnlyItsRegistersChange() {
    code(ASK);
    try (Context context = allowed(platform.newContext())) {
      Registers r = context.registers();
      for (Answer a : Answer.values()) {
        for (long flags : FLAGS) {
          r.rdx = 0xD;
          r.rsi = 0x51;
          r.rdi = 0xD1;
          r.rbp = 0xB;
          r.rsp = 0x8;
          r.r8 = 8;
          r.r9 = 9;
          r.r10 = 10;
          r.r12 = 12;
          r.r15 = 15;
          assertEquals(CODE + ASK.length, ask(context, a.number(), flags), a.name());
          assertEquals(1000 + a.number(), r.rbx, a.name());
          assertEquals(NOT_ANSWERED, r.rax);
          assertEquals(flags | 0x202, r.rflags, a.name() + " " + Long.toHexString(flags));
          long[] kept = {r.rdx, r.rsi, r.rdi, r.rbp, r.rsp, r.r8, r.r9, r.r10, r.r12, r.r15};
          long[] wanted = {0xD, 0x51, 0xD1, 0xB, 0x8, 8, 9, 10, 12, 15};
          for (int i = 0; i < kept.length; i++) {
            assertEquals(wanted[i], kept[i], a.name() + " register " + i);
          }
        }
      }
    }
  }

  @Test
  void valuesAreUnsignedAndTheUpperHalfOfTheNumberDoesNotCount() {
    code(ASK);
    try (Context context = allowed(platform.newContext())) {
      context.answers().set(Answer.USER_ID, -1);
      Registers r = context.registers();
      r.rip = CODE;
      r.rax = 0xAAAA_0000_0000L | Answer.USER_ID.number();
      assertInstanceOf(Exit.Syscall.class, context.run(space));
      assertEquals(0xFFFF_FFFFL, r.rbx);
    }
  }

  @Test
  void nothingIsAnsweredUnlessAllowed() {
    code(ASK);
    try (Context context = platform.newContext()) {
      for (boolean on : new boolean[] {false, true, false}) {
        context.answers().allow(on);
        for (Answer a : Answer.values()) {
          long at = ask(context, a.number(), 0x8D5);
          assertEquals(on ? CODE + ASK.length : CODE + BEHIND_FIRST, at, a.name());
          assertEquals(on ? NOT_ANSWERED : a.number(), context.registers().rax);
          assertEquals(0x8D5 | 0x202, context.registers().rflags);
        }
      }
    }
  }

  /** Two tasks take turns on the same vCPU, a third has been there before. */
  @Test
  void eachTaskGetsItsOwn() {
    code(ASK);
    List<Context> contexts = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Context context = platform.newContext();
      context.answers().set(Answer.THREAD_ID, i);
      context.answers().allow(i % 3 != 0);
      contexts.add(context);
    }
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < contexts.size(); i++) {
        Context context = contexts.get(i);
        long at = ask(context, Answer.THREAD_ID.number(), 0);
        assertEquals(i % 3 != 0 ? CODE + ASK.length : CODE + BEHIND_FIRST, at);
        if (i % 3 != 0) {
          assertEquals(i, context.registers().rbx);
        }
        context.release();
      }
    }
    contexts.forEach(Context::close);
    try (Context next = platform.newContext()) {
      assertEquals(CODE + BEHIND_FIRST, ask(next, Answer.THREAD_ID.number(), 0));
    }
  }

  @Test
  void yieldingWithNobodyWaitingIsAnswered() {
    code(ASK);
    try (Context context = allowed(platform.newContext())) {
      assertEquals(CODE + ASK.length, ask(context, SCHED_YIELD, 0x8D5));
      assertEquals(0, context.registers().rbx);
      assertEquals(0x8D5 | 0x202, context.registers().rflags);
    }
  }

  /** mov %rsi, (%rdi); syscall: what the entry code reads, no application writes. */
  @Test
  void applicationsCannotWriteWhatIsRead() {
    code((byte) 0x48, (byte) 0x89, (byte) 0x37, (byte) 0x0F, (byte) 0x05);
    try (Context context = allowed(platform.newContext())) {
      long desk = Layout.BASE + Layout.desk(0);
      for (long address :
          new long[] {Layout.SLOTS, desk, Layout.entry(0), Layout.BASE + Layout.WAITING}) {
        context.registers().rip = CODE;
        context.registers().rdi = address;
        Exit.PageFault fault = assertInstanceOf(Exit.PageFault.class, context.run(space));
        assertEquals(address, fault.address());
        assertTrue(fault.write());
      }
    }
  }

  /**
   * Kicks at any instruction of the entry code: no call is lost, served twice or answered wrongly.
   * The guest counts its answers; what the kernel has to serve in between it serves.
   */
  @Test
  void kicksWhileAnswering() throws InterruptedException {
    // 1: mov $39, %eax; syscall; cmp %rbx, %rax; jne 2f; incq (%rdi); jmp 1b; 2: ud2
    code(
        (byte) 0xB8,
        (byte) 39,
        (byte) 0,
        (byte) 0,
        (byte) 0,
        (byte) 0x0F,
        (byte) 0x05,
        (byte) 0x48,
        (byte) 0x39,
        (byte) 0xD8,
        (byte) 0x75,
        (byte) 0x05,
        (byte) 0x48,
        (byte) 0xFF,
        (byte) 0x07,
        (byte) 0xEB,
        (byte) 0xEF,
        (byte) 0x0F,
        (byte) 0x0B);
    long frame = Guests.map(platform, space, DATA, AddressSpace.READ | AddressSpace.WRITE);
    MemorySegment page = platform.memory().segment(frame, 1);
    AtomicBoolean done = new AtomicBoolean();
    try (Context context = allowed(platform.newContext())) {
      int pid = 1000 + Answer.PROCESS_ID.number();
      Thread kicker =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!done.get()) {
                      context.interrupt();
                      Thread.onSpinWait();
                    }
                  });
      Registers r = context.registers();
      r.rip = CODE;
      r.rbx = pid;
      r.rdi = DATA;
      int interrupted = 0;
      int served = 0;
      // On a slow host nearly every kick comes before the program has come to anything.
      while (interrupted + served < 3000
          || (served == 0 || Guests.read(page, 0) == 0) && interrupted < 300_000) {
        switch (context.run(space)) {
          case Exit.Syscall _ -> {
            served++;
            assertEquals(Answer.PROCESS_ID.number(), r.rax);
            assertEquals(CODE + 7, r.rip);
            r.rax = pid;
          }
          case Exit.Interrupted _ -> interrupted++;
          case Exit other -> throw new AssertionError(other + " with rax " + r.rax);
        }
      }
      done.set(true);
      kicker.join();
      assertTrue(served > 0, "no kick met the entry code");
      assertTrue(Guests.read(page, 0) > 0, "nothing was answered");
    }
  }
}
