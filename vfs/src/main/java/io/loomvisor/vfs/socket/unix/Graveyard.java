package io.loomvisor.vfs.socket.unix;

import java.util.ArrayDeque;

/**
 * Releases what closed sockets had queued one after the other instead of one within the other: a
 * socket in a queue of a socket in a queue, and so on, must not be as deep a recursion. What is to
 * follow is done once, not once for each of them.
 */
final class Graveyard {
  /** What the current thread has still to release; null if it is not releasing. */
  private static final ThreadLocal<Graveyard> CURRENT = new ThreadLocal<>();

  private final ArrayDeque<Runnable> pending = new ArrayDeque<>();

  /** To be done when nothing is pending; null for nothing. */
  private Runnable afterwards;

  private Graveyard() {}

  /**
   * Runs {@code release} now, or if this is called from within one, after that.
   *
   * @param afterwards done when all has been released; of several the last one only, so they must
   *     be alike. Null for nothing
   */
  static void bury(Runnable release, Runnable afterwards) {
    Graveyard current = CURRENT.get();
    if (current != null) {
      current.add(release, afterwards);
      return;
    }
    Graveyard own = new Graveyard();
    own.add(release, afterwards);
    CURRENT.set(own);
    try {
      own.drain();
    } finally {
      CURRENT.remove();
    }
  }

  static void bury(Runnable release) {
    bury(release, null);
  }

  private void add(Runnable release, Runnable then) {
    pending.add(release);
    if (then != null) {
      afterwards = then;
    }
  }

  private void drain() {
    for (Runnable r = next(); r != null; r = next()) {
      r.run();
    }
  }

  private Runnable next() {
    Runnable r = pending.poll();
    if (r == null) {
      r = afterwards;
      afterwards = null;
    }
    return r;
  }
}
