package io.loomvisor.vfs.event;

import java.util.Iterator;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The watches that may be ready, in the order in which they are to be looked at. Any thread; a
 * watch is in it at most once. Ended watches are passed over, and swept out when they are more than
 * the others.
 */
final class ReadyList implements Iterable<Watch> {
  private static final int SWEEP_AT_LEAST = 64;

  private final ConcurrentLinkedDeque<Watch> watches = new ConcurrentLinkedDeque<>();
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();

  /** At the end; false if it is in the list. */
  boolean add(Watch watch) {
    if (!watch.enqueue()) {
      return false;
    }
    size.incrementAndGet();
    watches.addLast(watch);
    return true;
  }

  /** At the front: it has not had its turn. */
  void putBack(Watch watch) {
    if (watch.enqueue()) {
      size.incrementAndGet();
      watches.addFirst(watch);
    }
  }

  /** The first one, off the list; null if there is none. */
  Watch poll() {
    for (Watch w = watches.poll(); w != null; w = watches.poll()) {
      size.decrementAndGet();
      w.dequeued();
      if (!w.dead()) {
        return w;
      }
      ended.getAndUpdate(n -> Math.max(0, n - 1));
    }
    return null;
  }

  int size() {
    return size.get();
  }

  /** A watch has ended, in the list or not. */
  void ended(Watch watch) {
    if (!watch.queued()) {
      return;
    }
    int n = ended.incrementAndGet();
    if (n >= SWEEP_AT_LEAST && n > size.get() / 2) {
      ended.set(0);
      watches.removeIf(
          w -> {
            if (w.dead()) {
              size.decrementAndGet();
            }
            return w.dead();
          });
    }
  }

  @Override
  public Iterator<Watch> iterator() {
    return watches.iterator();
  }
}
