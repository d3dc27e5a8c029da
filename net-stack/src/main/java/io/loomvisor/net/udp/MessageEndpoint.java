package io.loomvisor.net.udp;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketHandler;
import io.loomvisor.net.error.ErrorQueue;
import io.loomvisor.net.error.ErrorReport;
import io.loomvisor.net.ip.IcmpError;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Events;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.time.WallClock;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The state that every endpoint of whole messages has, whatever its protocol: the pending error,
 * what is shut, who hears of events, and how many packets wait for the mailbox.
 */
public abstract class MessageEndpoint extends Mailbox implements DatagramEndpoint, PacketHandler {
  /** Packets that may wait for a busy mailbox. */
  private static final int MAX_WAITING = 1024;

  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger drops = new AtomicInteger();
  private final Events events = new Events();
  private final ErrorQueue errors = new ErrorQueue();
  private int pendingError;
  private boolean closed;
  private boolean readShut;
  private boolean writeShut;

  /** Told by any thread, read in the mailbox. */
  private volatile boolean stamps;

  /** Set by any thread, asked in the mailbox. */
  private volatile MessageFilter filter = MessageFilter.ALL;

  /** Written when the mailbox is let go. */
  private volatile int readiness = Readiness.OUT;

  /** Whether it has a peer. */
  protected abstract boolean connected();

  /** Whether a message waits to be received. */
  protected abstract boolean hasMessage();

  /** Whether one more packet may wait for the mailbox; if so it has to come. Any thread. */
  protected final boolean admit() {
    if (waiting.get() >= MAX_WAITING) {
      return false;
    }
    waiting.incrementAndGet();
    return true;
  }

  /** One that was admitted has come. */
  protected final void admitted() {
    waiting.decrementAndGet();
  }

  /** From now on {@code f} chooses among what comes. */
  public final void filter(MessageFilter f) {
    filter = f;
  }

  /**
   * Asks the filter, which may cut the packet (sk_filter_trim_cap), but not below {@code least}.
   *
   * @return false if it is not wanted
   */
  protected final boolean wanted(PacketBuffer p, int least) {
    int keep = filter.keep(p);
    if (keep == 0) {
      return false;
    }
    int cut = keep > 0 ? Math.max(keep, least) : Integer.MAX_VALUE;
    if (cut < p.length()) {
      p.truncate(cut);
    }
    return true;
  }

  protected final void countDrop() {
    drops.incrementAndGet();
  }

  /** When a message that comes now has come, in nanoseconds of the epoch; 0 if nobody asks. */
  protected final long arrivalTime() {
    return stamps ? WallClock.nanos() : 0;
  }

  protected final boolean closed() {
    return closed;
  }

  /** Nobody hears of it any more; false if that was so before. */
  protected final boolean markClosed() {
    boolean first = !closed;
    closed = true;
    events.mute();
    return first;
  }

  protected final boolean readShut() {
    return readShut;
  }

  /**
   * What sending fails with whatever the message: a negative errno, or 0. Clears the pending one.
   */
  protected final int sendRefusal() {
    if (closed) {
      return -Errno.EBADF;
    }
    return writeShut ? -Errno.EPIPE : -takePendingError();
  }

  /** The next operation fails with what {@code error} means. */
  protected final void setPendingError(IcmpError error) {
    pendingError = error.kind().errno();
    event(Readiness.ERR | Readiness.IN | Readiness.OUT);
  }

  /** Queues one for IP_RECVERR, if there is room. */
  protected final void report(ErrorReport error) {
    if (errors.add(error)) {
      event(Readiness.ERR);
    }
  }

  @Override
  public final ErrorReport receiveError() {
    return ask(
        () -> {
          ErrorReport r = errors.poll();
          pendingError = errors.pendingAfter(r, pendingError);
          return r;
        });
  }

  /** A send with MSG_ZEROCOPY is complete: its memory is free. */
  public final void zeroCopySent() {
    ask(
        () -> {
          errors.sendCompleted();
          event(Readiness.ERR);
        });
  }

  /** The pending errno, which is cleared, or 0. */
  protected final int takePendingError() {
    int e = pendingError;
    pendingError = 0;
    return e;
  }

  protected final void event(int what) {
    Runnable delivery = events.raise(what);
    if (delivery != null) {
      callOut(delivery);
    }
  }

  @Override
  protected final void onBatchEnd() {
    int mask = Readiness.OUT;
    mask |= hasMessage() ? Readiness.IN : 0;
    mask |= pendingError != 0 || !errors.isEmpty() ? Readiness.ERR : 0;
    mask |= readShut ? Readiness.IN | Readiness.RDHUP : 0;
    mask |= readShut && writeShut ? Readiness.HUP : 0;
    readiness = mask;
  }

  @Override
  public final void stampArrivals(boolean on) {
    stamps = on;
  }

  @Override
  public final int drops() {
    return drops.get();
  }

  @Override
  public final int takeError() {
    return ask(this::takePendingError);
  }

  /** shutdown(2): 0 or -ENOTCONN. */
  @Override
  public final int shutdown(boolean read, boolean write) {
    return ask(
        () -> {
          readShut |= read;
          writeShut |= write;
          event(Readiness.IN | Readiness.OUT | Readiness.RDHUP);
          return connected() ? 0 : -Errno.ENOTCONN;
        });
  }

  /** Who hears of events; replaces the one before. */
  @Override
  public final void onReadiness(Readiness.Listener l) {
    events.listener(l);
  }

  /** What poll(2) would report now: a mask of {@link Readiness} bits. */
  @Override
  public final int readiness() {
    return readiness;
  }
}
