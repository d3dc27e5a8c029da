package io.loomvisor.vfs.event;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;

/**
 * Serializes the nesting of epoll instances in each other, so that two that race cannot close a
 * circle. One per sandbox (Linux: epnested_mutex). Holds no state: what it protects is that the
 * check and the entry go together.
 */
public final class EpollNesting extends Actor {
  /** EP_MAX_NESTS: instances may be nested this deep. */
  private static final int MAX_NESTS = 4;

  public EpollNesting() {
    super(Rank.EPOLL_NESTING);
  }

  /** Runs {@code entry} unless that made a circle or a chain that is too deep: ELOOP. */
  void nest(Epoll outer, Epoll inner, Runnable entry) {
    ask(
        () -> {
          int below = depthBelow(outer, inner, 0);
          if (below + 1 + depthAbove(outer, 0) > MAX_NESTS) {
            throw Errno.ELOOP.exception();
          }
          entry.run();
        });
  }

  /** Levels of epoll instances inside {@code of}; ELOOP if {@code avoided} is one of them. */
  private static int depthBelow(Epoll avoided, Epoll of, int depth) {
    if (of == avoided || depth > MAX_NESTS) {
      throw Errno.ELOOP.exception();
    }
    int deepest = 0;
    for (Epoll e : of.nested()) {
      deepest = Math.max(deepest, 1 + depthBelow(avoided, e, depth + 1));
    }
    return deepest;
  }

  private static int depthAbove(Epoll of, int depth) {
    if (depth > MAX_NESTS) {
      return depth;
    }
    int highest = 0;
    for (Epoll e : of.containers()) {
      highest = Math.max(highest, 1 + depthAbove(e, depth + 1));
    }
    return highest;
  }
}
