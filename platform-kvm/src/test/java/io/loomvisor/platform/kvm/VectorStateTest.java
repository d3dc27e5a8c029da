package io.loomvisor.platform.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Exit;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Vector registers over preemption, moves between vCPUs and host threads. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class VectorStateTest {
  private static final long CODE = 0x40_0000;
  private static final long DATA = 0x50_0000;
  private static final int CONTEXTS = 8;

  /**
   * Fills ymm15 with the word in RSI, then compares it for ever; counts rounds at (RDI) and
   * mismatches at 8(RDI).
   *
   * <pre>
   *      vmovq %rsi, %xmm15; vpbroadcastq %xmm15, %ymm15; vmovdqa %ymm15, %ymm3
   * 1:   vmovq %rsi, %xmm1; vpbroadcastq %xmm1, %ymm1
   *      vpxor %ymm1, %ymm15, %ymm2; vptest %ymm2, %ymm2; je 2f; incq 8(%rdi)
   * 2:   vpxor %ymm1, %ymm3, %ymm2; vptest %ymm2, %ymm2; je 3f; incq 8(%rdi)
   * 3:   incq (%rdi); jmp 1b
   * </pre>
   */
  private static final int[] AVX2 = {
    0xc4, 0x61, 0xf9, 0x6e, 0xfe, 0xc4, 0x42, 0x7d, 0x59, 0xff, 0xc5, 0x7d, 0x7f, 0xfb, 0xc4, 0xe1,
    0xf9, 0x6e, 0xce, 0xc4, 0xe2, 0x7d, 0x59, 0xc9, 0xc5, 0x85, 0xef, 0xd1, 0xc4, 0xe2, 0x7d, 0x17,
    0xd2, 0x74, 0x04, 0x48, 0xff, 0x47, 0x08, 0xc5, 0xe5, 0xef, 0xd1, 0xc4, 0xe2, 0x7d, 0x17, 0xd2,
    0x74, 0x04, 0x48, 0xff, 0x47, 0x08, 0x48, 0xff, 0x07, 0xeb, 0xd3
  };

  @BeforeEach
  void needsKvm() {
    Guests.assumeKvm();
  }

  @ParameterizedTest
  @EnumSource(
      value = KvmOptions.Binding.class,
      names = {"AUTO", "THREAD"})
  void ymmRegistersSurvivePreemption(KvmOptions.Binding binding) throws InterruptedException {
    KvmOptions options =
        KvmOptions.DEFAULT.withMemoryLimit(64 << 20).withVcpus(2).withBinding(binding);
    try (KvmPlatform platform = KvmPlatform.create(options)) {
      assumeTrue((" " + platform.features().flags() + " ").contains(" avx2 "), "SKIPPED: no AVX2");
      AddressSpace space = platform.newAddressSpace();
      byte[] code = new byte[AVX2.length];
      for (int i = 0; i < code.length; i++) {
        code[i] = (byte) AVX2[i];
      }
      Guests.map(platform, space, CODE, AddressSpace.READ | AddressSpace.EXEC, code);
      long frame = Guests.map(platform, space, DATA, AddressSpace.READ | AddressSpace.WRITE);
      MemorySegment page = platform.memory().segment(frame, 1);
      CountDownLatch done = new CountDownLatch(CONTEXTS);
      Context[] contexts = new Context[CONTEXTS];
      boolean[] stop = new boolean[1];
      for (int i = 0; i < CONTEXTS; i++) {
        contexts[i] = platform.newContext();
        contexts[i].registers().rip = CODE;
        contexts[i].registers().rdi = DATA + i * 64L;
        contexts[i].registers().rsi = 0x0101_0101_0101_0101L * (i + 1);
        Context context = contexts[i];
        Thread.ofPlatform().start(() -> spin(context, space, stop, done));
      }
      awaitRounds(page);
      synchronized (stop) {
        stop[0] = true;
      }
      while (!done.await(1, TimeUnit.MILLISECONDS)) {
        for (Context context : contexts) {
          context.interrupt();
        }
      }
      for (int i = 0; i < CONTEXTS; i++) {
        assertTrue(page.get(ValueLayout.JAVA_LONG, i * 64L) > 0, "context " + i);
        assertEquals(0, page.get(ValueLayout.JAVA_LONG, i * 64L + 8), "mismatches of context " + i);
      }
      space.close();
    }
  }

  /** Runs, is interrupted, reads and writes its state from the sentry, and runs on. */
  private static void spin(
      Context context, AddressSpace space, boolean[] stop, CountDownLatch done) {
    try {
      for (int i = 0; ; i++) {
        assertInstanceOf(Exit.Interrupted.class, context.run(space));
        synchronized (stop) {
          if (stop[0]) {
            return;
          }
        }
        if (i % 3 == 0) {
          context.writeFpu(context.readFpu());
        }
        context.release();
      }
    } finally {
      context.close();
      done.countDown();
    }
  }

  /** Until every context has had several slices. */
  private static void awaitRounds(MemorySegment page) throws InterruptedException {
    for (int turn = 0; turn < 4; turn++) {
      for (int i = 0; i < CONTEXTS; i++) {
        long before = Guests.read(page, i * 64L);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (Guests.read(page, i * 64L) == before) {
          assertTrue(System.nanoTime() < deadline, "context never ran");
          Thread.sleep(1);
        }
      }
    }
  }
}
