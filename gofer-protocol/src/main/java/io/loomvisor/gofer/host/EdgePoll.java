package io.loomvisor.gofer.host;

import static io.loomvisor.gofer.host.DescriptorCalls.check;

import io.loomvisor.gofer.host.HostCall.Scratch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * epoll(7) on many sockets, edge-triggered: each change is told once, and what has been ready
 * before is not told again. Input and output are two instances, so that what has become readable is
 * not told to be writable as well, for that it has been before; the one for output is watched by
 * the one for input.
 *
 * <p>{@link #add} and {@link #remove} on any thread, {@link #await} on one.
 */
public final class EdgePoll {
  /** struct epoll_event, packed: events 4, data 8. */
  private static final int EVENT_SIZE = 12;

  private static final int DATA = 4;

  /** Told by one {@link #await}. */
  public static final int MOST = 128;

  private static final int NR_EPOLL_WAIT = 232;
  private static final int NR_EPOLL_CTL = 233;
  private static final int NR_EPOLL_CREATE1 = 291;
  private static final int EPOLL_CLOEXEC = 02000000;
  private static final int CTL_ADD = 1;
  private static final int CTL_DEL = 2;
  private static final int EPOLLIN = 1;
  private static final int EPOLLPRI = 2;
  private static final int EPOLLOUT = 4;
  private static final int EPOLLRDHUP = 0x2000;
  private static final int EPOLLET = 1 << 31;

  /** Stands for the instance for output; no socket's number. */
  private static final long OUTPUT = -1;

  private static final ValueLayout.OfLong PACKED = ValueLayout.JAVA_LONG_UNALIGNED;

  private final int input = create();
  private final int output = create();
  private final MemorySegment events;

  public EdgePoll(Arena arena) {
    events = arena.allocate((long) MOST * EVENT_SIZE, 8);
    control(input, CTL_ADD, output, EPOLLIN, OUTPUT);
  }

  private static int create() {
    return (int) check(HostCall.call(NR_EPOLL_CREATE1, EPOLL_CLOEXEC, 0, 0, 0, 0, 0));
  }

  private static void control(int epoll, int what, int fd, int events, long data) {
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = scratch.memory;
      m.set(ValueLayout.JAVA_INT, 0, events);
      m.set(PACKED, DATA, data);
      check(HostCall.call(scratch, NR_EPOLL_CTL, epoll, what, fd, m.address(), 0, 0));
    } finally {
      scratch.give();
    }
  }

  /**
   * Watches {@code fd}.
   *
   * @param number not negative; what is told of it
   */
  public void add(int fd, int number) {
    control(input, CTL_ADD, fd, EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET, number);
    control(output, CTL_ADD, fd, EPOLLOUT | EPOLLET, number);
  }

  /** Watches it no more. */
  public void remove(int fd) {
    control(input, CTL_DEL, fd, 0, 0);
    control(output, CTL_DEL, fd, 0, 0);
  }

  /** Takes an event. */
  @FunctionalInterface
  public interface Listener {
    void event(int number, int events);
  }

  /** Waits for what happens next, and tells it. */
  public void await(Listener listener) {
    int n = take(input, -1);
    boolean both = false;
    for (int i = 0; i < n; i++) {
      if (data(i) == OUTPUT) {
        both = true;
      } else {
        tell(listener, i);
      }
    }
    if (both) {
      n = take(output, 0);
      for (int i = 0; i < n; i++) {
        tell(listener, i);
      }
    }
  }

  private long data(int index) {
    return events.get(PACKED, (long) index * EVENT_SIZE + DATA);
  }

  private void tell(Listener listener, int index) {
    int happened = events.get(ValueLayout.JAVA_INT_UNALIGNED, (long) index * EVENT_SIZE);
    listener.event((int) data(index), happened);
  }

  private int take(int epoll, int timeout) {
    return (int) check(HostCall.call(NR_EPOLL_WAIT, epoll, events.address(), MOST, timeout, 0, 0));
  }
}
