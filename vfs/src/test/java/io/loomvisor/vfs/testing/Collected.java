package io.loomvisor.vfs.testing;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what the garbage collector does. */
public final class Collected {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private Collected() {}

  /** Collects until {@code condition} holds, which may have to do something to notice. */
  public static void until(BooleanSupplier condition, String what) {
    long end = System.nanoTime() + LIMIT.toNanos();
    do {
      System.gc();
      if (condition.getAsBoolean()) {
        return;
      }
      Thread.onSpinWait();
    } while (System.nanoTime() < end);
    fail(what);
  }
}
