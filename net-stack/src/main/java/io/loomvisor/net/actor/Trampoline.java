package io.loomvisor.net.actor;

import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one thread still has to do for the mailboxes it made non-idle. Used by its own thread only.
 */
final class Trampoline {
  private static final Logger LOG = LoggerFactory.getLogger(Trampoline.class);
  private static final ThreadLocal<Trampoline> CURRENT = ThreadLocal.withInitial(Trampoline::new);

  private final ArrayDeque<Mailbox> claims = new ArrayDeque<>(4);
  private final ArrayDeque<Runnable> callbacks = new ArrayDeque<>(4);
  private Mailbox inside;
  private boolean settling;

  static Trampoline current() {
    return CURRENT.get();
  }

  void checkMayAsk(Mailbox asked) {
    if (inside != null) {
      throw new IllegalStateException(
          inside.getClass().getName()
              + " must not ask "
              + asked.getClass().getName()
              + ": it would wait while held");
    }
  }

  void enter(Mailbox m) {
    inside = m;
  }

  void exit() {
    inside = null;
  }

  /** Notes that this thread must drain {@code m}. */
  void claim(Mailbox m) {
    claims.add(m);
  }

  void callOut(Runnable callback) {
    callbacks.add(callback);
  }

  /**
   * Drains what was claimed and runs callbacks, unless this thread is inside a mailbox or already
   * doing so.
   */
  void settle() {
    if (inside != null || settling) {
      return;
    }
    settling = true;
    try {
      do {
        runClaims();
        Runnable callback = callbacks.poll();
        if (callback != null) {
          runCallback(callback);
        }
      } while (!claims.isEmpty() || !callbacks.isEmpty());
    } finally {
      settling = false;
    }
  }

  void runClaims() {
    Mailbox m;
    while ((m = claims.poll()) != null) {
      m.drain(this);
    }
  }

  private static void runCallback(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException e) {
      LOG.error("a readiness callback failed", e);
    }
  }
}
