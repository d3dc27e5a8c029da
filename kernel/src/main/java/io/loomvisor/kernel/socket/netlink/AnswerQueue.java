package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.util.ArrayDeque;

/** The datagrams that wait to be read from one socket. */
final class AnswerQueue extends Actor {
  private final ArrayDeque<byte[]> datagrams = new ArrayDeque<>();

  /** Written in the actor; read outside for poll. */
  private volatile int bytes;

  AnswerQueue() {
    super(Rank.INODE);
  }

  int bytes() {
    return bytes;
  }

  /** False if there would be more than {@code limit} bytes. */
  boolean add(byte[] datagram, int limit) {
    return ask(
        () -> {
          if (bytes > limit - datagram.length) {
            return false;
          }
          datagrams.addLast(datagram);
          bytes += datagram.length;
          return true;
        });
  }

  /** The first one; null if there is none. */
  byte[] next(boolean peek) {
    return ask(
        () -> {
          byte[] d = peek ? datagrams.peekFirst() : datagrams.pollFirst();
          if (d != null && !peek) {
            bytes -= d.length;
          }
          return d;
        });
  }

  int firstLength() {
    byte[] d = next(true);
    return d == null ? 0 : d.length;
  }
}
