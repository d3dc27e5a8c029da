package io.loomvisor.vfs.event;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.KernelMemory;
import io.loomvisor.vfs.PollEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An epoll instance (epoll(7)). What is watched is in the {@link WatchTable}, an actor; what may be
 * ready is in the {@link ReadyList}, which notifications reach without one, so that they may come
 * from anywhere. A wait looks at the ready list only. Targets are asked for their readiness with no
 * actor held: they may be epoll instances, or signalfds.
 */
public final class Epoll extends AnonymousDescription {
  private static final int READABLE = PollEvents.POLLIN | PollEvents.POLLRDNORM;

  /** What may be combined with EPOLLEXCLUSIVE. */
  private static final int EXCLUSIVE_OK =
      PollEvents.POLLIN
          | PollEvents.POLLOUT
          | PollEvents.POLLERR
          | PollEvents.POLLHUP
          | PollEvents.EPOLLWAKEUP
          | PollEvents.EPOLLET
          | PollEvents.EPOLLEXCLUSIVE;

  /** Takes what epoll_wait reports. */
  @FunctionalInterface
  public interface Sink {
    /** False if it could not be taken: it stays ready, and the wait ends. */
    boolean report(int events, long data);
  }

  private final EpollNesting nesting;
  private final WatchTable table = new WatchTable();
  private final ReadyList ready = new ReadyList();
  private final WaitQueue waiters = new WaitQueue();
  private final List<Epoll> containers = new CopyOnWriteArrayList<>();

  /**
   * Looks under way: what they have taken off the list for the moment may be ready all the same.
   */
  private final AtomicInteger looking = new AtomicInteger();

  private final AtomicInteger looksEnded = new AtomicInteger();

  /** Somebody found nothing while a look was under way. */
  private volatile boolean missed;

  public Epoll(EpollNesting nesting) {
    super("[eventpoll]", OpenFlags.O_RDWR);
    this.nesting = nesting;
  }

  /**
   * EPOLL_CTL_ADD. The caller holds a reference to {@code target}. EPERM if it cannot be waited
   * for.
   */
  public void add(FileDescription target, int fd, int events, long data) {
    checkTarget(target);
    boolean exclusive = (events & PollEvents.EPOLLEXCLUSIVE) != 0;
    if (exclusive && ((events & ~EXCLUSIVE_OK) != 0 || target instanceof Epoll)) {
      throw Errno.EINVAL.exception();
    }
    Watch watch = new Watch(this, target, fd, new Watch.Interest(events | Watch.ALWAYS, data));
    KernelMemory.unreserved()
        .take(KernelMemory.WATCH, Errno.ENOSPC); // as fs.epoll.max_user_watches
    try {
      enter(watch);
    } catch (LinuxException e) {
      KernelMemory.unreserved().give(KernelMemory.WATCH);
      throw e;
    }
    look(watch);
  }

  private void enter(Watch watch) {
    if (watch.target() instanceof Epoll inner) {
      nesting.nest(
          this,
          inner,
          () -> {
            table.add(watch);
            inner.containers.add(this);
          });
    } else {
      table.add(watch);
    }
  }

  /** EPOLL_CTL_MOD; ENOENT. */
  public void modify(FileDescription target, int fd, int events, long data) {
    checkTarget(target);
    if ((events & PollEvents.EPOLLEXCLUSIVE) != 0) {
      throw Errno.EINVAL.exception();
    }
    look(table.modify(target, fd, new Watch.Interest(events | Watch.ALWAYS, data)));
  }

  /** EPOLL_CTL_DEL; ENOENT. */
  public void remove(FileDescription target, int fd) {
    checkTarget(target);
    end(table.remove(target, fd));
  }

  private void checkTarget(FileDescription target) {
    if (target.waitQueue() == null) {
      throw Errno.EPERM.exception();
    }
    if (target == this) {
      throw Errno.EINVAL.exception();
    }
  }

  /** A watch is new or changed: it may be ready already. */
  private void look(Watch watch) {
    if (watch.ready(watch.interest()) != 0) {
      becameReady(watch);
    }
  }

  private void end(Watch watch) {
    watch.detach();
    ready.ended(watch);
    KernelMemory.unreserved().give(KernelMemory.WATCH);
    if (watch.target() instanceof Epoll inner) {
      inner.containers.remove(this);
    }
  }

  /** The last reference to a target is gone. */
  void forget(Watch watch) {
    if (table.remove(watch)) {
      end(watch);
    }
  }

  /** Called by watches on any thread. */
  void becameReady(Watch watch) {
    if (ready.add(watch)) {
      announce();
    }
  }

  private void announce() {
    waiters.notifyEvents(PollEvents.POLLIN);
    waitQueue().notifyEvents(READABLE);
  }

  /** Where epoll_wait sleeps; poll and outer instances wait on {@link #waitQueue}. */
  public WaitQueue waiters() {
    return waiters;
  }

  /**
   * Reports up to {@code max} of what is ready now and returns how many. Level-triggered ones go to
   * the end of the list, so that all get their turn.
   */
  public int collect(int max, Sink sink) {
    List<Watch> again = new ArrayList<>();
    int reported = 0;
    looking.incrementAndGet();
    try {
      // Those that come while we look have their turn next time.
      for (int left = ready.size(); left > 0 && reported < max; left--) {
        Watch watch = ready.poll();
        if (watch == null) {
          break;
        }
        Watch.Interest interest = watch.interest();
        int events = watch.ready(interest);
        if (events == 0) {
          continue;
        }
        if (interest.has(PollEvents.EPOLLONESHOT) && !watch.disable(interest)) {
          // Changed at this moment: whoever did so has looked again.
          continue;
        }
        if (!sink.report(events, interest.data())) {
          watch.setInterest(interest);
          ready.putBack(watch);
          break;
        }
        reported++;
        if (!interest.has(PollEvents.EPOLLONESHOT | PollEvents.EPOLLET)) {
          again.add(watch);
        }
      }
    } finally {
      finishLook(again);
    }
    return reported;
  }

  private void finishLook(List<Watch> again) {
    for (Watch w : again) {
      ready.add(w);
    }
    looksEnded.incrementAndGet();
    looking.decrementAndGet();
    if (missed) {
      missed = false;
      announce();
    } else if (ready.size() > 0) {
      waiters.notifyEvents(PollEvents.POLLIN);
    }
  }

  @Override
  public int readiness(int mask) {
    if ((mask & READABLE) == 0) {
      return 0;
    }
    for (; ; ) {
      int before = looksEnded.get();
      for (Watch w : ready) {
        if (w.ready(w.interest()) != 0) {
          return READABLE & mask;
        }
      }
      // A look may hold the one that counts. It tells us at its end, unless it has ended before it
      // could see the mark.
      if (looking.get() != 0) {
        missed = true;
        if (looking.get() != 0) {
          return 0;
        }
      } else if (looksEnded.get() == before) {
        return 0;
      }
    }
  }

  /** What is watched, for tests and /proc/PID/fdinfo. */
  public int watched() {
    return table.size();
  }

  /** Length of the ready list. */
  int mayBeReady() {
    return ready.size();
  }

  List<Epoll> nested() {
    return table.nested();
  }

  List<Epoll> containers() {
    return containers;
  }

  @Override
  protected void onRelease() {
    for (Watch w : table.close()) {
      end(w);
    }
  }

  /**
   * The description watched as number {@code fd}, the {@code index}-th if there are several (kcmp);
   * null if there is none.
   */
  public FileDescription watched(int fd, int index) {
    return table.byNumber(fd, index);
  }
}
