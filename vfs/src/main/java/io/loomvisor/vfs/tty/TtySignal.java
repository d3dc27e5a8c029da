package io.loomvisor.vfs.tty;

/** The signals that terminals send. */
public enum TtySignal {
  SIGHUP(1),
  SIGINT(2),
  SIGQUIT(3),
  SIGCONT(18),
  SIGTSTP(20),
  SIGTTIN(21),
  SIGTTOU(22),
  SIGWINCH(28);

  private final int number;

  TtySignal(int number) {
    this.number = number;
  }

  /** As in signal(7). */
  public int number() {
    return number;
  }
}
