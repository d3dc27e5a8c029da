package io.loomvisor.vfs.socket.unix;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.socket.Rights;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The descriptors on their way in messages, and the collector of sockets that nobody can reach but
 * from one another's queues (net/unix/garbage.c).
 *
 * <p>A socket all of whose references are in flight cannot be used by anybody until it is received,
 * and receiving passes through {@link #leave}, which waits while a collection is under way. So if
 * every queue that holds such a socket belongs to such sockets too, they are garbage and stay it.
 * Descriptors that are in flight but in no queue at the moment (being sent, being received) count
 * as held from outside.
 */
final class InFlight extends Actor {
  private final Map<UnixSocket, Integer> sockets = new IdentityHashMap<>();
  private final Map<Integer, Integer> byUser = new HashMap<>();

  /** Sockets in flight; written in the actor. */
  private volatile int socketCount;

  InFlight() {
    super(Rank.ENDPOINT);
  }

  int socketCount() {
    return socketCount;
  }

  /** Before a message with {@code rights} is queued; ETOOMANYREFS. */
  void enter(Rights rights) {
    if (rights.isEmpty()) {
      return;
    }
    ask(
        () -> {
          if (byUser.getOrDefault(rights.uid(), 0) > rights.inFlightLimit()) {
            throw Errno.ETOOMANYREFS.exception();
          }
          count(rights, 1);
        });
  }

  /** After it has been taken out, before anybody uses what it carried. */
  void leave(Rights rights) {
    if (!rights.isEmpty()) {
      ask(() -> count(rights, -1));
    }
  }

  private void count(Rights rights, int sign) {
    byUser.merge(rights.uid(), sign * rights.files().size(), InFlight::sumOrNull);
    for (FileDescription d : rights.files()) {
      if (d instanceof UnixSocket s) {
        sockets.merge(s, sign, InFlight::sumOrNull);
      }
    }
    socketCount = sockets.size();
  }

  private static Integer sumOrNull(Integer a, Integer b) {
    return a + b == 0 ? null : Integer.valueOf(a + b);
  }

  /**
   * Takes what lies in the queues of unreachable sockets out; the caller releases it, with no actor
   * held, upon which they close.
   */
  List<Segment> collect() {
    if (socketCount == 0) {
      return List.of();
    }
    return ask(
        () -> {
          Map<UnixSocket, int[]> held = candidates();
          for (UnixSocket s : held.keySet()) {
            s.forEachRight(d -> change(held, d, -1));
          }
          Map<UnixSocket, Boolean> reachable = reachable(held);
          List<Segment> garbage = new ArrayList<>();
          for (UnixSocket s : held.keySet()) {
            if (!reachable.containsKey(s)) {
              garbage.addAll(s.takeQueued());
            }
          }
          return garbage;
        });
  }

  /** Sockets all of whose references are in flight, and how many those are. */
  private Map<UnixSocket, int[]> candidates() {
    Map<UnixSocket, int[]> found = new IdentityHashMap<>();
    sockets.forEach(
        (s, n) -> {
          if (s.references() == n) {
            found.put(s, new int[] {n});
          }
        });
    return found;
  }

  private static void change(Map<UnixSocket, int[]> held, FileDescription d, int by) {
    int[] n = d instanceof UnixSocket s ? held.get(s) : null;
    if (n != null) {
      n[0] += by;
    }
  }

  /** Candidates that are held from outside the candidates, and what those lead to. */
  private static Map<UnixSocket, Boolean> reachable(Map<UnixSocket, int[]> held) {
    Map<UnixSocket, Boolean> reached = new IdentityHashMap<>();
    ArrayDeque<UnixSocket> toFollow = new ArrayDeque<>();
    held.forEach(
        (s, n) -> {
          if (n[0] > 0) {
            reached.put(s, true);
            toFollow.add(s);
          }
        });
    while (!toFollow.isEmpty()) {
      toFollow
          .poll()
          .forEachRight(
              d -> {
                if (d instanceof UnixSocket s
                    && held.containsKey(s)
                    && reached.put(s, true) == null) {
                  toFollow.add(s);
                }
              });
    }
    return reached;
  }
}
