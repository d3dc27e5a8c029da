package io.loomvisor.vfs.mqueue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.PollEvents;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.TreeMap;

/** The contents of one queue. */
public final class MessageBox extends Actor {
  /** MQ_PRIO_MAX. */
  public static final int PRIORITIES = 32768;

  static final int READABLE = PollEvents.POLLIN | PollEvents.POLLRDNORM;
  static final int WRITABLE = PollEvents.POLLOUT | PollEvents.POLLWRNORM;

  private final MqueueLimits.Capacity capacity;
  private final WaitQueue pollers = new WaitQueue();

  /** By priority, each in the order of arrival. */
  private final TreeMap<Integer, Deque<QueuedMessage>> messages = new TreeMap<>();

  private final SequencedSet<QueueWaiter.Sender> senders = new LinkedHashSet<>();
  private final SequencedSet<QueueWaiter.Receiver> receivers = new LinkedHashSet<>();
  private volatile long count;
  private volatile long bytes;
  private volatile Notification notification;

  MessageBox(MqueueLimits.Capacity capacity) {
    super(Rank.INODE);
    this.capacity = capacity;
  }

  public MqueueLimits.Capacity capacity() {
    return capacity;
  }

  /** mq_curmsgs. */
  public long count() {
    return count;
  }

  /** Of all messages. */
  long bytes() {
    return bytes;
  }

  WaitQueue pollers() {
    return pollers;
  }

  int readiness() {
    long n = count;
    return (n > 0 ? READABLE : 0) | (n < capacity.messages() ? WRITABLE : 0);
  }

  /**
   * mq_timedsend(2): done when it returns, or {@code sender} is queued; EAGAIN if it must not wait.
   *
   * @return whom to tell of the message; null for nobody
   */
  public Notification send(QueueWaiter.Sender sender, boolean nowait) {
    Notification due =
        ask(
            () -> {
              if (count >= capacity.messages()) {
                if (nowait) {
                  throw Errno.EAGAIN.exception();
                }
                senders.add(sender);
                return null;
              }
              return enter(sender);
            });
    if (sender.done()) {
      pollers.notifyEvents(READABLE);
    }
    return due;
  }

  private Notification enter(QueueWaiter.Sender sender) {
    Notification due = null;
    if (!receivers.isEmpty()) {
      receivers.removeFirst().take(sender.message());
    } else {
      add(sender.message());
      if (count == 1) {
        due = notification;
        notification = null;
      }
    }
    sender.complete(null);
    return due;
  }

  private void add(QueuedMessage m) {
    messages.computeIfAbsent(m.priority(), p -> new ArrayDeque<>()).addLast(m);
    count++;
    bytes += m.text().length;
  }

  /** mq_timedreceive(2): as {@link #send}. */
  public void receive(QueueWaiter.Receiver receiver, boolean nowait) {
    ask(
        () -> {
          if (count == 0) {
            if (nowait) {
              throw Errno.EAGAIN.exception();
            }
            receivers.add(receiver);
            return;
          }
          receiver.take(takeFirst());
          if (!senders.isEmpty()) {
            QueueWaiter.Sender next = senders.removeFirst();
            add(next.message());
            next.complete(null);
          }
        });
    if (receiver.done()) {
      pollers.notifyEvents(WRITABLE);
    }
  }

  private QueuedMessage takeFirst() {
    Map.Entry<Integer, Deque<QueuedMessage>> highest = messages.lastEntry();
    QueuedMessage m = highest.getValue().removeFirst();
    if (highest.getValue().isEmpty()) {
      messages.remove(highest.getKey());
    }
    count--;
    bytes -= m.text().length;
    return m;
  }

  /** The wait is over before its time; what has been done meanwhile stays. */
  public void giveUp(QueueWaiter waiter, Errno reason) {
    ask(
        () -> {
          boolean waited =
              switch (waiter) {
                case QueueWaiter.Sender s -> senders.remove(s);
                case QueueWaiter.Receiver r -> receivers.remove(r);
              };
          if (waited) {
            waiter.complete(reason);
          }
        });
  }

  /** Null for none. */
  Notification notification() {
    return notification;
  }

  /** mq_notify(2): EBUSY if somebody is registered already. */
  public void register(Notification wanted) {
    ask(
        () -> {
          if (notification != null) {
            throw Errno.EBUSY.exception();
          }
          notification = wanted;
        });
  }

  /** Withdraws what the process has registered, if it has. */
  public void unregister(Object process) {
    Notification n = notification;
    if (n != null && n.process() == process) {
      withdraw(n);
    }
  }

  /** The queue is gone. */
  void close() {
    Notification n = notification;
    if (n != null) {
      withdraw(n);
    }
  }

  private void withdraw(Notification n) {
    boolean mine =
        ask(
            () -> {
              boolean still = notification == n;
              notification = still ? null : notification;
              return still;
            });
    if (mine) {
      n.delivery().withdrawn();
    }
  }
}
