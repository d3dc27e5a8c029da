package io.loomvisor.net.error;

import java.util.ArrayDeque;

/**
 * Reports that wait for MSG_ERRQUEUE, oldest first; bounded. Owned by its endpoint's mailbox.
 *
 * <p>Sends are numbered from 0, and those that complete one after the other are one report
 * (net/core/skbuff.c: skb_zerocopy_notify_extend). So there is at most one more report of them than
 * there are errors.
 */
public final class ErrorQueue {
  /** Linux counts the bytes of quoted packets, of which this many are always fewer than 64 KiB. */
  private static final int MAX_ERRORS = 64;

  private final ArrayDeque<ErrorReport> reports = new ArrayDeque<>(0);
  private int errors;
  private int sends;

  public boolean isEmpty() {
    return reports.isEmpty();
  }

  /** False: there is no room. */
  public boolean add(ErrorReport error) {
    if (errors == MAX_ERRORS) {
      return false;
    }
    errors++;
    reports.add(error);
    return true;
  }

  /** One more send with MSG_ZEROCOPY is complete. */
  public void sendCompleted() {
    int number = sends++;
    if (reports.peekLast() instanceof ErrorReport.ZeroCopy z && z.last() == number - 1) {
      reports.removeLast();
      reports.add(new ErrorReport.ZeroCopy(z.first(), number));
    } else {
      reports.add(new ErrorReport.ZeroCopy(number, number));
    }
  }

  /** The oldest one, or null. */
  public ErrorReport poll() {
    ErrorReport r = reports.poll();
    if (r != null && !(r instanceof ErrorReport.ZeroCopy)) {
      errors--;
    }
    return r;
  }

  /**
   * SO_ERROR after {@code taken} was polled: an error from the network goes with its report, and
   * the next one is pending then (sock_dequeue_err_skb).
   */
  public int pendingAfter(ErrorReport taken, int pending) {
    if (reports.peek() instanceof ErrorReport.FromNetwork next) {
      return next.errno();
    }
    return taken instanceof ErrorReport.FromNetwork ? 0 : pending;
  }
}
