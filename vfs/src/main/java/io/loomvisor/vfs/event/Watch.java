package io.loomvisor.vfs.event;

import io.loomvisor.scheduler.wait.WaitEntry;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.PollEvents;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One descriptor in one epoll instance. Holds no reference to its target: it goes when the target's
 * last reference goes. Notified on any thread; puts itself on the ready list at most once.
 */
final class Watch implements WaitEntry {
  /** Bits that say how to report, not what. */
  static final int BEHAVIOUR =
      PollEvents.EPOLLET
          | PollEvents.EPOLLONESHOT
          | PollEvents.EPOLLWAKEUP
          | PollEvents.EPOLLEXCLUSIVE;

  static final int ALWAYS = PollEvents.POLLERR | PollEvents.POLLHUP;

  /**
   * What is wanted and what goes with it; no event bits beside {@link #BEHAVIOUR}: disabled by
   * EPOLLONESHOT.
   */
  record Interest(int events, long data) {
    boolean has(int flag) {
      return (events & flag) != 0;
    }

    int wanted() {
      return events & ~BEHAVIOUR;
    }
  }

  private final Epoll epoll;
  private final FileDescription target;
  private final int fd;
  private final AtomicReference<Interest> interest;
  private final AtomicBoolean queued = new AtomicBoolean();
  private final Runnable targetGone = this::targetGone;
  private WaitQueue registeredWith;
  private volatile boolean dead;

  Watch(Epoll epoll, FileDescription target, int fd, Interest interest) {
    this.epoll = epoll;
    this.target = target;
    this.fd = fd;
    this.interest = new AtomicReference<>(interest);
  }

  FileDescription target() {
    return target;
  }

  int fd() {
    return fd;
  }

  Interest interest() {
    return interest.get();
  }

  void setInterest(Interest now) {
    interest.set(now);
  }

  /** EPOLLONESHOT: true for the one who reports; others find the interest changed. */
  boolean disable(Interest reported) {
    return interest.compareAndSet(
        reported, new Interest(reported.events() & BEHAVIOUR, reported.data()));
  }

  boolean dead() {
    return dead;
  }

  /** Claims the place on the ready list; false if it has one. */
  boolean enqueue() {
    return queued.compareAndSet(false, true);
  }

  /** Off the ready list: notifications from here on put it there again. */
  void dequeued() {
    queued.set(false);
  }

  boolean queued() {
    return queued.get();
  }

  /** Registers with the target. False if the target is being closed. */
  boolean attach() {
    if (!target.onLastRelease(targetGone)) {
      return false;
    }
    registeredWith = target.waitQueue();
    registeredWith.register(this, -1);
    return true;
  }

  /** Ends it; the target is told nothing more. */
  void detach() {
    dead = true;
    target.withdrawOnLastRelease(targetGone);
    if (registeredWith != null) {
      registeredWith.unregister(this);
    }
  }

  private void targetGone() {
    epoll.forget(this);
  }

  @Override
  public void notified(int events) {
    int wanted = interest.get().wanted();
    if (!dead && wanted != 0 && (events & wanted) != 0) {
      epoll.becameReady(this);
    }
  }

  /**
   * What is to be reported now: the wanted events that hold; 0 if there are none or the target is
   * gone.
   */
  int ready(Interest now) {
    if (now.wanted() == 0 || dead || !target.tryRetain()) {
      return 0;
    }
    try {
      return target.readiness(now.wanted()) & now.wanted();
    } finally {
      target.release();
    }
  }
}
