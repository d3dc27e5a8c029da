package io.loomvisor.vfs.socket.unix;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Connections of a listening socket that wait to be accepted, each with one reference. */
final class Backlog extends Actor {
  /** What became of an attempt to connect. */
  enum Offer {
    TAKEN,
    /** No room; whoever tried is told when there is some. */
    FULL,
    CLOSED
  }

  private final ArrayDeque<UnixConnected> connections = new ArrayDeque<>();
  private final Waiting waiting = new Waiting();

  /** Written in the actor; read outside for poll. */
  private volatile int count;

  private int limit;
  private boolean closed;

  Backlog(int limit) {
    super(Rank.INODE);
    this.limit = limit;
  }

  int count() {
    return count;
  }

  int limit() {
    return ask(() -> limit);
  }

  /** listen(2) again; those who wait, to be told. */
  List<UnixSocket> setLimit(int connectionsAtMost) {
    return ask(
        () -> {
          limit = connectionsAtMost;
          return waiting.drain();
        });
  }

  /** Whether {@code client} may connect now; if not, it is told when it is worth another look. */
  Offer room(UnixSocket client) {
    return ask(() -> look(client));
  }

  /** One more than the limit fits (sk_acceptq_is_full). */
  private Offer look(UnixSocket client) {
    if (closed) {
      return Offer.CLOSED;
    }
    if (connections.size() > limit) {
      waiting.add(client);
      return Offer.FULL;
    }
    return Offer.TAKEN;
  }

  Offer offer(UnixConnected connection, UnixSocket client) {
    return ask(
        () -> {
          Offer o = look(client);
          if (o == Offer.TAKEN) {
            connections.addLast(connection);
            count++;
          }
          return o;
        });
  }

  /** The oldest one, with its reference; null if there is none. */
  UnixConnected poll() {
    return ask(
        () -> {
          UnixConnected c = connections.pollFirst();
          if (c != null) {
            count--;
          }
          return c;
        });
  }

  List<UnixSocket> toTell() {
    return ask(waiting::drain);
  }

  void forget(UnixSocket client) {
    ask(() -> waiting.remove(client));
  }

  /** The listener reads no more: nobody is taken any more. */
  List<UnixSocket> refuse() {
    return ask(
        () -> {
          closed = true;
          return waiting.drain();
        });
  }

  /** Takes all out for good. */
  List<UnixConnected> close() {
    return ask(
        () -> {
          closed = true;
          List<UnixConnected> all = new ArrayList<>(connections);
          connections.clear();
          count = 0;
          return all;
        });
  }

  List<UnixConnected> snapshot() {
    return ask(() -> List.copyOf(connections));
  }
}
