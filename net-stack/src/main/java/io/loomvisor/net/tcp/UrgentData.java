package io.loomvisor.net.tcp;

/**
 * The received urgent byte as Linux treats it (tcp(7), net/ipv4/tcp_input.c tcp_check_urg): the
 * pointer is taken to point behind the byte, one byte at a time is out of band, reading stops in
 * front of it and, unless SO_OOBINLINE, steps over it.
 */
final class UrgentData {
  private enum Status {
    NONE,
    /** Announced, the byte itself has not come. */
    EXPECTED,
    VALID,
    TAKEN
  }

  private final Receiver receiver;
  private Status status = Status.NONE;

  /** Position of the urgent byte. */
  private long at;

  private byte value;

  UrgentData(Receiver receiver) {
    this.receiver = receiver;
  }

  /** A segment with URG; true if it announces something new. */
  boolean announced(long position) {
    boolean old = position < receiver.data.base() || position < receiver.nxt;
    if (old || status != Status.NONE && position <= at) {
      return false;
    }
    if (hole() == 1) {
      receiver.advance(1);
    }
    at = position;
    status = Status.EXPECTED;
    return true;
  }

  /** In-order data has grown; true if the urgent byte is now there. */
  boolean arrived() {
    if (status == Status.EXPECTED && at < receiver.nxt && at >= receiver.data.base()) {
      value = receiver.data.get(at);
      status = Status.VALID;
      return true;
    }
    return false;
  }

  /** Bytes that may be read in one go: those before the mark, or all of them at the mark. */
  long distance() {
    long before = at - receiver.data.base();
    return status == Status.NONE || before <= 0 ? Long.MAX_VALUE : before;
  }

  /** 1 if the next byte is the urgent one and is not to be read with the others. */
  int hole() {
    boolean here = status != Status.NONE && at == receiver.data.base() && at < receiver.nxt;
    return here && !receiver.inlineUrgent() ? 1 : 0;
  }

  /** The reader has moved. */
  void passed(long position) {
    if (status != Status.NONE && position > at) {
      status = Status.NONE;
    }
  }

  /** True if MSG_OOB would get a byte. */
  boolean readable() {
    return status == Status.VALID;
  }

  /** True if one was announced and has not come. */
  boolean expected() {
    return status == Status.EXPECTED;
  }

  /** The byte, 0 to 255; only if {@link #readable}. */
  int take(boolean peek) {
    if (!peek) {
      status = Status.TAKEN;
    }
    return value & 0xff;
  }

  /** sockatmark(3). */
  boolean atMark() {
    return status != Status.NONE && at == receiver.data.base();
  }
}
