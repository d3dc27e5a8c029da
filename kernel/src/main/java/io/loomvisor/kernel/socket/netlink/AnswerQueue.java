package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.util.ArrayDeque;

/** The datagrams that wait to be read from one socket. */
final class AnswerQueue extends Actor {
  /**
   * @param group of those it was sent to; 0: to this socket alone
   */
  record Datagram(byte[] bytes, int group) {}

  private final ArrayDeque<Datagram> datagrams = new ArrayDeque<>();

  /** Written in the actor; read outside for poll. */
  private volatile int bytes;

  AnswerQueue() {
    super(Rank.INODE);
  }

  int bytes() {
    return bytes;
  }

  /** False if there would be more than {@code limit} bytes. */
  boolean add(Datagram datagram, int limit) {
    return ask(
        () -> {
          if (bytes > limit - datagram.bytes.length) {
            return false;
          }
          datagrams.addLast(datagram);
          bytes += datagram.bytes.length;
          return true;
        });
  }

  /** The first one; null if there is none. */
  Datagram next(boolean peek) {
    return ask(
        () -> {
          Datagram d = peek ? datagrams.peekFirst() : datagrams.pollFirst();
          if (d != null && !peek) {
            bytes -= d.bytes.length;
          }
          return d;
        });
  }

  int firstLength() {
    Datagram d = next(true);
    return d == null ? 0 : d.bytes.length;
  }
}
