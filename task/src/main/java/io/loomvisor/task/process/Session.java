package io.loomvisor.task.process;

import java.util.concurrent.atomic.AtomicReference;

/**
 * A session (setsid(2)) and its controlling terminal. The terminal is an opaque object of the vfs's
 * tty package.
 */
public final class Session {
  private final int id;
  private final AtomicReference<Object> terminal = new AtomicReference<>();

  Session(int id) {
    this.id = id;
  }

  /** The pid of its leader. */
  public int id() {
    return id;
  }

  /** The controlling terminal, or null. */
  public Object terminal() {
    return terminal.get();
  }

  /** Replaces the controlling terminal if it is {@code from}. */
  public boolean changeTerminal(Object from, Object to) {
    return terminal.compareAndSet(from, to);
  }
}
