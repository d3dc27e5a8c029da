package io.loomvisor.platform.kvm;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Platform;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What tests with small guest programs have in common. */
final class Guests {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  private Guests() {}

  static void assumeKvm() {
    if (!Files.exists(Path.of("/dev/kvm"))) {
      System.err.println("SKIPPED: no /dev/kvm, nothing of the KVM platform is tested");
      assumeTrue(false, "no /dev/kvm");
    }
  }

  /** Maps a new page with these bytes at its beginning; its frame. */
  static long map(
      Platform platform, AddressSpace space, long address, int protection, byte... bytes) {
    long frame = platform.memory().allocate();
    MemorySegment.copy(
        bytes, 0, platform.memory().segment(frame, 1), ValueLayout.JAVA_BYTE, 0, bytes.length);
    space.map(address, frame, 1, protection);
    return frame;
  }

  /** Has the poller look, which is a matter of a thread's start at most. */
  static void awaitLooking(KvmPlatform platform, Context context) {
    do {
      context.countPollable(System.nanoTime());
      LockSupport.parkNanos(100_000);
    } while (!platform.looking());
  }

  static long read(MemorySegment page, long offset) {
    return (long) LONG.getVolatile(page, offset);
  }

  /** Waits until each of the first {@code n} words has been counted up by the guest. */
  static void awaitNonZero(MemorySegment page, int n) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    for (int i = 0; i < n; i++) {
      while (read(page, i * 8L) == 0) {
        if (System.nanoTime() > deadline) {
          fail("context " + i + " never ran");
        }
        LockSupport.parkNanos(100_000);
      }
    }
  }
}
