package io.loomvisor.kernel.aio;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.scheduler.wait.WaitQueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One context: requests under way and events to be collected. Any thread. */
public final class AioContext extends Actor {
  /**
   * struct io_event, of which res2 is always 0.
   *
   * @param request address of the struct iocb
   */
  public record Event(long data, long request, long result) {}

  private final int capacity;
  private final WaitQueue arrivals = new WaitQueue();
  private final ArrayDeque<Event> events = new ArrayDeque<>();
  private final Map<Long, ReadinessRequest> waiting = new HashMap<>();

  /** Requests that have a place: under way, or as an event not collected. */
  private int taken;

  private boolean closed;

  AioContext(int capacity) {
    super(Rank.LEAF);
    this.capacity = capacity;
  }

  int capacity() {
    return capacity;
  }

  /** Notified (POLLIN) when there is an event more, or the context has been destroyed. */
  public WaitQueue arrivals() {
    return arrivals;
  }

  /** A place for one request; EAGAIN if there is none, EINVAL if the context is gone. */
  public void reserve() {
    ask(
        () -> {
          if (closed) {
            throw Errno.EINVAL.exception();
          }
          if (taken >= capacity) {
            throw Errno.EAGAIN.exception();
          }
          taken++;
        });
  }

  /** The request was refused: its place is free. */
  public void cancelReservation() {
    ask(() -> taken--);
  }

  public void complete(Event event) {
    ask(() -> events.add(event));
    arrivals.notifyEvents(1);
  }

  /** Up to {@code max} events, oldest first. */
  public List<Event> take(int max) {
    return ask(
        () -> {
          List<Event> some = new ArrayList<>();
          while (some.size() < max && !events.isEmpty()) {
            some.add(events.poll());
            taken--;
          }
          return some;
        });
  }

  /** Whether it has been destroyed, so that nothing more will arrive. */
  public boolean closed() {
    return ask(() -> closed);
  }

  void enter(ReadinessRequest request) {
    ask(() -> waiting.put(request.address(), request));
  }

  void leave(ReadinessRequest request) {
    ask(() -> waiting.remove(request.address(), request));
  }

  /** The request that waits at {@code address}, or null. */
  public ReadinessRequest waitingAt(long address) {
    return ask(() -> waiting.get(address));
  }

  /** The context ends: nothing is waited for any more. */
  void close() {
    List<ReadinessRequest> all =
        ask(
            () -> {
              closed = true;
              return List.copyOf(waiting.values());
            });
    all.forEach(ReadinessRequest::abandon);
    arrivals.notifyEvents(1);
  }
}
