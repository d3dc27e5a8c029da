package io.loomvisor.platform.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.TscClock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TscClockTest {
  private static final long CODE = 0x40_0000;

  /** rdtsc; shl $32, %rdx; or %rdx, %rax; mov %rax, %rbx; syscall */
  private static final byte[] READ = {
    0x0F,
    0x31,
    0x48,
    (byte) 0xC1,
    (byte) 0xE2,
    0x20,
    0x48,
    0x09,
    (byte) 0xD0,
    0x48,
    (byte) 0x89,
    (byte) 0xC3,
    0x0F,
    0x05
  };

  @BeforeEach
  void needsKvm() {
    Guests.assumeKvm();
  }

  @Test
  void sentryReadsTheGuestsCounter() {
    try (KvmPlatform platform =
        KvmPlatform.create(KvmOptions.DEFAULT.withMemoryLimit(64 << 20).withVcpus(2))) {
      TscClock clock = platform.tscClock();
      assumeTrue(clock != null, "SKIPPED: the time-stamp counter cannot be used on this host");
      AddressSpace space = platform.newAddressSpace();
      Guests.map(platform, space, CODE, AddressSpace.READ | AddressSpace.EXEC, READ);
      try (Context context = platform.newContext()) {
        for (int i = 0; i < 1000; i++) {
          context.registers().rip = CODE;
          long before = clock.read();
          assertInstanceOf(Exit.Syscall.class, context.run(space));
          long after = clock.read();
          long guest = context.registers().rbx;
          assertTrue(before <= guest && guest <= after, before + " <= " + guest + " <= " + after);
          context.release();
        }
      }
      space.close();
    }
  }

  @Test
  void nominalRateIsAboutRight() {
    try (KvmPlatform platform =
        KvmPlatform.create(KvmOptions.DEFAULT.withMemoryLimit(64 << 20).withVcpus(1))) {
      TscClock clock = platform.tscClock();
      assumeTrue(clock != null, "SKIPPED: the time-stamp counter cannot be used on this host");
      long time = System.nanoTime();
      long ticks = clock.read();
      while (System.nanoTime() - time < 50_000_000) {
        Thread.onSpinWait();
      }
      double rate = (clock.read() - ticks) * 1e9 / (System.nanoTime() - time);
      assertEquals(1.0, rate / clock.ticksPerSecond(), 0.01);
    }
  }

  @Test
  void offsetMustFitAllBounds() {
    TscCalibration.Bounds all = new TscCalibration.Bounds(Long.MIN_VALUE, Long.MAX_VALUE);
    assertEquals(0L, all.and(-5, 90).and(-80, 3).pick(List.of(), 1000));
    assertNull(all.and(1, 10).and(11, 20).pick(List.of(), 1_000_000_000));
  }
}
