package io.loomvisor.task.process;

/** A session (setsid(2)) and its controlling terminal. The terminal is an opaque object of the vfs's tty package. */
public final class Session {
  private final int id;
  private volatile Object terminal;

  Session(int id) {
    this.id = id;
  }

  /** The pid of its leader. */
  public int id() {
    return id;
  }

  /** The controlling terminal, or null. */
  public Object terminal() {
    return terminal;
  }

  public void setTerminal(Object newTerminal) {
    terminal = newTerminal;
  }
}
