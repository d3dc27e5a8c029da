package io.loomvisor.vfs.socket.unix;

import java.util.ArrayDeque;

/**
 * Releases what closed sockets had queued one after the other instead of one within the other: a
 * socket in a queue of a socket in a queue, and so on, must not be as deep a recursion.
 */
final class Graveyard {
  /** What the current thread has still to release; null if it is not releasing. */
  private static final ThreadLocal<ArrayDeque<Runnable>> PENDING = new ThreadLocal<>();

  private Graveyard() {}

  /** Runs {@code release} now, or if this is called from within one, after that. */
  static void bury(Runnable release) {
    ArrayDeque<Runnable> pending = PENDING.get();
    if (pending != null) {
      pending.add(release);
      return;
    }
    pending = new ArrayDeque<>();
    PENDING.set(pending);
    try {
      for (Runnable r = release; r != null; r = pending.poll()) {
        r.run();
      }
    } finally {
      PENDING.remove();
    }
  }
}
