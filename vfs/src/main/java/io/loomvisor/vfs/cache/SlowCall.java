package io.loomvisor.vfs.cache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A host call that takes milliseconds (fsync): made on a thread of its own, so that a virtual
 * thread that needs it does not hold its carrier meanwhile. Starting the thread is cheap beside the
 * call.
 */
final class SlowCall {
  private SlowCall() {}

  /** Returns when {@code call} has; its exception passes through. */
  static void run(Runnable call) {
    if (!Thread.currentThread().isVirtual()) {
      call.run();
      return;
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("host-sync")
        .start(
            () -> {
              try {
                call.run();
                done.complete(null);
              } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
              }
            });
    try {
      done.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
