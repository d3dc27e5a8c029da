package io.loomvisor.vfs.socket.unix;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.socket.Rights;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * What was sent to one socket and is not yet read, and which of the socket's directions are shut.
 * The senders append, the socket takes. Notifies nobody: the callers do, with the actor left.
 */
final class ReceiveQueue extends Actor {
  static final int RCV_SHUTDOWN = 1;
  static final int SEND_SHUTDOWN = 2;
  static final int SHUTDOWN_MASK = RCV_SHUTDOWN | SEND_SHUTDOWN;

  /** What became of an attempt to append. */
  enum Offer {
    TAKEN,
    /** Too many messages wait; whoever tried is told when there are fewer. */
    FULL,
    /** The receiver reads no more. */
    SHUT,
    /** The receiver is gone. */
    CLOSED
  }

  /**
   * What a read takes: pieces in order. Those used up have gone from the queue and are to be given
   * back to their senders' buffers.
   *
   * @param chunks parts of arrays that never change
   * @param used segments that are used up
   * @param rights of the last piece; NONE if it has none
   * @param last the segment the last byte came from
   */
  record Taken(List<Chunk> chunks, List<Segment> used, Rights rights, Segment last, int length) {}

  record Chunk(byte[] bytes, int from, int length) {}

  /** A message that stays, and how many of its bytes are to be passed over. */
  record Peeked(Segment segment, int skip) {}

  private final ArrayDeque<Segment> segments = new ArrayDeque<>();
  private final Waiting waiting = new Waiting();

  /** Written in the actor; read outside for poll and to fail early. */
  private volatile int bytes;

  private volatile int count;
  private volatile int shutdown;
  private volatile boolean closed;

  ReceiveQueue() {
    super(Rank.INODE);
  }

  int bytes() {
    return bytes;
  }

  /** Segments waiting. */
  int count() {
    return count;
  }

  /** RCV_SHUTDOWN and SEND_SHUTDOWN of the socket that reads here. */
  int shutdown() {
    return shutdown;
  }

  boolean closed() {
    return closed;
  }

  void addShutdown(int bits) {
    ask(() -> shutdown |= bits);
  }

  /**
   * Puts a segment at the end.
   *
   * @param limit how many may wait before it; Integer.MAX_VALUE for no limit
   */
  Offer append(Segment segment, int limit) {
    return ask(
        () -> {
          if (closed) {
            return Offer.CLOSED;
          }
          if ((shutdown & RCV_SHUTDOWN) != 0) {
            return Offer.SHUT;
          }
          if (count > limit) {
            waiting.add(segment.sender);
            return Offer.FULL;
          }
          segments.addLast(segment);
          count++;
          bytes += segment.length();
          return Offer.TAKEN;
        });
  }

  /** Whether more than {@code limit} wait; if so, {@code sender} is told when there are fewer. */
  boolean tellWhenRoom(UnixSocket sender, int limit) {
    return count > limit
        && ask(
            () -> {
              if (count <= limit || closed) {
                return false;
              }
              waiting.add(sender);
              return true;
            });
  }

  void forget(UnixSocket sender) {
    ask(() -> waiting.remove(sender));
  }

  /** Those to tell that there is room now. */
  List<UnixSocket> toTell() {
    return ask(waiting::drain);
  }

  /**
   * Takes bytes of a stream, across segments, until {@code max} or behind one with descriptors.
   *
   * @param sameSender whether to stop where the sender's credentials change
   * @param first what was taken by the same call before; null for nothing
   */
  Taken takeBytes(int max, boolean sameSender, Segment first) {
    return ask(
        () -> {
          List<Chunk> chunks = new ArrayList<>(2);
          List<Segment> used = new ArrayList<>(2);
          Segment last = first;
          Rights rights = Rights.NONE;
          int taken = 0;
          while (taken < max && rights.isEmpty()) {
            Segment s = segments.peekFirst();
            if (s == null || sameSender && differ(last, s)) {
              break;
            }
            int n = Math.min(max - taken, s.length());
            chunks.add(new Chunk(s.bytes, s.from, n));
            s.from += n;
            taken += n;
            last = s;
            rights = s.rights;
            s.rights = Rights.NONE;
            if (s.length() > 0) {
              break;
            }
            segments.removeFirst();
            count--;
            used.add(s);
          }
          bytes -= taken;
          return new Taken(chunks, used, rights, last, taken);
        });
  }

  private static boolean differ(Segment last, Segment next) {
    return last != null && !last.credentials.equals(next.credentials);
  }

  /** As {@link #takeBytes}, but all stays; descriptors come with references of their own. */
  Taken peekBytes(int max, int skip, boolean sameSender) {
    return ask(
        () -> {
          List<Chunk> chunks = new ArrayList<>(2);
          Segment last = null;
          Rights rights = Rights.NONE;
          int taken = 0;
          int toSkip = skip;
          for (Iterator<Segment> i = segments.iterator();
              i.hasNext() && taken < max && rights.isEmpty(); ) {
            Segment s = i.next();
            if (toSkip >= s.length()) {
              toSkip -= s.length();
              continue;
            }
            if (sameSender && differ(last, s)) {
              break;
            }
            int n = Math.min(max - taken, s.length() - toSkip);
            chunks.add(new Chunk(s.bytes, s.from + toSkip, n));
            toSkip = 0;
            taken += n;
            last = s;
            rights = s.rights.retained();
          }
          return new Taken(chunks, List.of(), rights, last, taken);
        });
  }

  /** The first message, out of the queue; null if there is none. */
  Segment takeMessage() {
    return ask(
        () -> {
          Segment s = segments.pollFirst();
          if (s != null) {
            count--;
            bytes -= s.length();
          }
          return s;
        });
  }

  /**
   * The message that holds byte {@code skip}, which stays; its descriptors get references of their
   * own. Null if there is none.
   */
  Peeked peekMessage(int skip) {
    return ask(
        () -> {
          int left = skip;
          for (Segment s : segments) {
            if (left < s.length() || left == 0) {
              s.rights.retained();
              return new Peeked(s, left);
            }
            left -= s.length();
          }
          return null;
        });
  }

  /** Length of the first message; 0 if there is none. */
  int firstLength() {
    return ask(
        () -> {
          Segment s = segments.peekFirst();
          return s == null ? 0 : s.length();
        });
  }

  /** Puts bytes that could not be delivered back at the front. */
  void putBack(Segment segment) {
    ask(
        () -> {
          segments.addFirst(segment);
          count++;
          bytes += segment.length();
        });
  }

  /** Takes everything out; the queue stays in use. */
  List<Segment> clear() {
    return ask(this::removeAll);
  }

  /** The socket is gone: takes everything out and refuses what comes. */
  List<Segment> close() {
    return ask(
        () -> {
          closed = true;
          shutdown = SHUTDOWN_MASK;
          return removeAll();
        });
  }

  private List<Segment> removeAll() {
    List<Segment> all = new ArrayList<>(segments);
    segments.clear();
    count = 0;
    bytes = 0;
    return all;
  }

  /** Every descriptor on its way here; for {@link InFlight}. */
  void forEachRight(Consumer<FileDescription> action) {
    ask(
        () -> {
          for (Segment s : segments) {
            s.rights.files().forEach(action);
          }
        });
  }
}
