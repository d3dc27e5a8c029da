package io.loomvisor.platform.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Platform;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Closing the platform under running, waiting and late contexts. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KvmCloseTest {
  private static final long CODE = 0x40_0000;
  private static final long DATA = 0x50_0000;

  /** 1: incq (%rdi); jmp 1b */
  private static final byte[] COUNT = {0x48, (byte) 0xFF, 0x07, (byte) 0xEB, (byte) 0xFB};

  @BeforeEach
  void needsKvm() {
    Guests.assumeKvm();
  }

  /**
   * More contexts than vCPUs spin, so some are in the application, some wait, and all take FPU
   * states in and out.
   */
  @ParameterizedTest
  @EnumSource(
      value = KvmOptions.Binding.class,
      names = {"AUTO", "THREAD"})
  void closeStopsRunningAndWaitingContexts(KvmOptions.Binding binding) throws InterruptedException {
    for (int round = 0; round < 3; round++) {
      KvmOptions options =
          KvmOptions.DEFAULT.withMemoryLimit(64 << 20).withVcpus(2).withBinding(binding);
      KvmPlatform platform = KvmPlatform.create(options);
      AddressSpace space = platform.newAddressSpace();
      long frame = Guests.map(platform, space, CODE, AddressSpace.READ | AddressSpace.EXEC, COUNT);
      long counters = Guests.map(platform, space, DATA, AddressSpace.READ | AddressSpace.WRITE);
      int n = 6;
      ConcurrentLinkedQueue<Throwable> ends = new ConcurrentLinkedQueue<>();
      CountDownLatch done = new CountDownLatch(n);
      for (int i = 0; i < n; i++) {
        Context context = platform.newContext();
        context.registers().rdi = DATA + i * 8L;
        Thread.ofPlatform().start(() -> spin(context, space, ends, done));
      }
      Guests.awaitNonZero(platform.memory().segment(counters, 1), n);
      platform.close();
      assertTrue(done.await(30, TimeUnit.SECONDS));
      assertEquals(n, ends.size());
      for (Throwable end : ends) {
        assertInstanceOf(Platform.ClosedException.class, end);
      }
      assertTrue(frame != MemoryFile.NO_FRAME);
    }
  }

  private static void spin(
      Context context,
      AddressSpace space,
      ConcurrentLinkedQueue<Throwable> ends,
      CountDownLatch done) {
    try {
      context.registers().rip = CODE;
      while (true) {
        context.run(space);
      }
    } catch (RuntimeException e) {
      ends.add(e);
    } finally {
      context.release();
      done.countDown();
    }
  }

  @Test
  void lateCallersGetACleanException() {
    KvmPlatform platform =
        KvmPlatform.create(KvmOptions.DEFAULT.withMemoryLimit(64 << 20).withVcpus(1));
    AddressSpace space = platform.newAddressSpace();
    long frame = Guests.map(platform, space, CODE, AddressSpace.READ | AddressSpace.EXEC, COUNT);
    MemorySegment page = platform.memory().segment(frame, 1);
    Context context = platform.newContext();
    context.registers().rip = CODE;
    context.interrupt();
    context.run(space);
    platform.close();
    platform.close();
    assertTrue(platform.closed());
    assertThrows(Platform.ClosedException.class, () -> context.run(space));
    assertThrows(Platform.ClosedException.class, context::readFpu);
    context.interrupt();
    context.release();
    context.close();
    assertThrows(IllegalStateException.class, () -> page.get(ValueLayout.JAVA_BYTE, 0));
    assertThrows(IllegalStateException.class, () -> space.map(DATA, frame, 1, AddressSpace.READ));
    assertThrows(Platform.ClosedException.class, platform.memory()::allocate);
    space.unmap(CODE, 4096);
    space.protect(CODE, 4096, AddressSpace.READ);
    space.flush();
    space.close();
    platform.memory().release(frame);
  }
}
