package io.loomvisor.net;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Readiness;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * Where threads wait for an endpoint: an operation that says -EAGAIN is tried again after each
 * event. No event between the attempt and the wait is missed, because events are counted.
 */
final class Waiting implements Readiness.Listener {
  private final ConcurrentLinkedQueue<Thread> waiters = new ConcurrentLinkedQueue<>();
  private final AtomicInteger events = new AtomicInteger();
  private volatile boolean closed;

  @Override
  public void ready(int what) {
    wake();
  }

  private void wake() {
    events.incrementAndGet();
    for (Thread t : waiters) {
      LockSupport.unpark(t);
    }
  }

  /** True the first time; wakes everyone. */
  boolean close() {
    boolean first = !closed;
    closed = true;
    wake();
    return first;
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * Tries {@code operation} until it gives something else than -EAGAIN.
   *
   * @param timeoutMillis real time to wait at most; 0: for ever
   */
  int until(IntSupplier operation, long timeoutMillis) throws IOException {
    long deadline = timeoutMillis == 0 ? 0 : System.nanoTime() + timeoutMillis * 1_000_000;
    for (; ; ) {
      if (closed) {
        throw new AsynchronousCloseException();
      }
      int seen = events.get();
      int r = operation.getAsInt();
      if (r != -Errno.EAGAIN) {
        return r;
      }
      await(seen, deadline);
    }
  }

  private void await(int seen, long deadline) throws IOException {
    Thread me = Thread.currentThread();
    waiters.add(me);
    try {
      while (events.get() == seen) {
        if (deadline == 0) {
          LockSupport.park(this);
        } else {
          long rest = deadline - System.nanoTime();
          if (rest <= 0) {
            throw new SocketTimeoutException("timed out");
          }
          LockSupport.parkNanos(this, rest);
        }
        if (Thread.interrupted()) {
          me.interrupt();
          throw new InterruptedIOException();
        }
      }
    } finally {
      waiters.remove(me);
    }
  }
}
