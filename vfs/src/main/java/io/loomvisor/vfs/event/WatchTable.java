package io.loomvisor.vfs.event;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.FileDescription;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The watches of one epoll instance, by description and descriptor number: a description may be in
 * it under several.
 */
final class WatchTable extends Actor {
  private record Key(FileDescription target, int fd) {}

  private final Map<Key, Watch> watches = new HashMap<>();
  private boolean closed;

  WatchTable() {
    super(Rank.ENDPOINT);
  }

  /** Enters and attaches; EEXIST, and EBADF if the target or the instance is being closed. */
  void add(Watch watch) {
    Key key = new Key(watch.target(), watch.fd());
    ask(
        () -> {
          if (watches.containsKey(key)) {
            throw Errno.EEXIST.exception();
          }
          if (closed || !watch.attach()) {
            throw Errno.EBADF.exception();
          }
          watches.put(key, watch);
        });
  }

  /**
   * Changes what the watch wants and returns the watch; ENOENT, EINVAL where EPOLLEXCLUSIVE forbids
   * it.
   */
  Watch modify(FileDescription target, int fd, Watch.Interest interest) {
    return ask(
        () -> {
          Watch watch = require(target, fd);
          if (watch.interest().has(io.loomvisor.vfs.PollEvents.EPOLLEXCLUSIVE)) {
            throw Errno.EINVAL.exception();
          }
          watch.setInterest(interest);
          return watch;
        });
  }

  /** Takes the watch out and returns it; ENOENT. */
  Watch remove(FileDescription target, int fd) {
    return ask(
        () -> {
          Watch watch = require(target, fd);
          watches.remove(new Key(target, fd));
          return watch;
        });
  }

  /** Takes exactly this watch out; false if it is out already. */
  boolean remove(Watch watch) {
    return ask(() -> watches.remove(new Key(watch.target(), watch.fd()), watch));
  }

  /** Takes all out for good. */
  List<Watch> close() {
    return ask(
        () -> {
          closed = true;
          List<Watch> all = List.copyOf(watches.values());
          watches.clear();
          return all;
        });
  }

  /** The targets that are epoll instances themselves. */
  List<Epoll> nested() {
    return ask(
        () -> {
          List<Epoll> inner = new ArrayList<>();
          for (Watch w : watches.values()) {
            if (w.target() instanceof Epoll e) {
              inner.add(e);
            }
          }
          return inner;
        });
  }

  /** The target of the {@code index}-th watch with that descriptor number; null. */
  FileDescription byNumber(int fd, int index) {
    return ask(
        () ->
            watches.keySet().stream()
                .filter(k -> k.fd == fd)
                .map(Key::target)
                .sorted(Comparator.comparingInt(System::identityHashCode))
                .skip(Integer.toUnsignedLong(index))
                .findFirst()
                .orElse(null));
  }

  int size() {
    return ask(watches::size);
  }

  private Watch require(FileDescription target, int fd) {
    Watch watch = watches.get(new Key(target, fd));
    if (watch == null) {
      throw Errno.ENOENT.exception();
    }
    return watch;
  }
}
