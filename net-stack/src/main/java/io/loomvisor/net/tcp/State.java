package io.loomvisor.net.tcp;

/** RFC 9293 section 3.3.2, with Linux's numbers (include/net/tcp_states.h). */
public enum State {
  ESTABLISHED(1),
  SYN_SENT(2),
  SYN_RECEIVED(3),
  FIN_WAIT_1(4),
  FIN_WAIT_2(5),
  TIME_WAIT(6),
  CLOSED(7),
  CLOSE_WAIT(8),
  LAST_ACK(9),
  LISTEN(10),
  CLOSING(11);

  private final int number;

  State(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }

  /** The application may still send. */
  boolean sendOpen() {
    return this == ESTABLISHED || this == CLOSE_WAIT;
  }

  /** The peer may still send. */
  boolean receiveOpen() {
    return this == ESTABLISHED || this == FIN_WAIT_1 || this == FIN_WAIT_2;
  }

  /** Both sides know each other's sequence numbers. */
  boolean synchronised() {
    return this != CLOSED && this != LISTEN && this != SYN_SENT && this != SYN_RECEIVED;
  }

  /** The peer's FIN has come. */
  public boolean peerClosed() {
    return this == CLOSE_WAIT || this == LAST_ACK || this == CLOSING || this == TIME_WAIT;
  }

  /** Our FIN has been queued or sent. */
  boolean sendClosed() {
    return switch (this) {
      case FIN_WAIT_1, FIN_WAIT_2, CLOSING, LAST_ACK, TIME_WAIT -> true;
      default -> false;
    };
  }
}
