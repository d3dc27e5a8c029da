package io.loomvisor.net.socket;

/** The bits of a readiness mask: Linux's POLL* and EPOLL* values. */
public final class Readiness {
  public static final int IN = 0x001;
  public static final int PRI = 0x002;
  public static final int OUT = 0x004;
  public static final int ERR = 0x008;
  public static final int HUP = 0x010;
  public static final int RDHUP = 0x2000;

  private Readiness() {}

  /** Hears that something became ready. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Called outside of all mailboxes, on any thread, after each event (more data, room, an error,
     * the end), also when the endpoint was ready before, as edge-triggered epoll needs.
     *
     * @param events what happened; several events may be reported at once
     */
    void ready(int events);
  }
}
