package io.loomvisor.net.error;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.ip.IcmpError;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.wire.IpAddress;
import org.junit.jupiter.api.Test;

class ErrorQueueTest {
  private static final int ECONNREFUSED = 111;
  private static final int EHOSTUNREACH = 113;

  private final ErrorQueue queue = new ErrorQueue();

  private static ErrorReport error(IcmpError.Kind kind) {
    IcmpError e = new IcmpError(kind, 3, 3, 0, IpAddress.LOOPBACK4, new byte[8]);
    return new ErrorReport.FromNetwork(new SocketAddress(IpAddress.LOOPBACK4, 9), e, new byte[0]);
  }

  @Test
  void sendsThatFollowOneAnotherAreOneReportMsgZerocopy() {
    for (int i = 0; i < 1000; i++) {
      queue.sendCompleted();
    }
    assertEquals(new ErrorReport.ZeroCopy(0, 999), queue.poll());
    assertNull(queue.poll());
    queue.sendCompleted();
    assertEquals(new ErrorReport.ZeroCopy(1000, 1000), queue.poll());
  }

  @Test
  void anErrorBetweenParts() {
    queue.sendCompleted();
    assertTrue(queue.add(error(IcmpError.Kind.PORT_UNREACHABLE)));
    queue.sendCompleted();
    assertEquals(new ErrorReport.ZeroCopy(0, 0), queue.poll());
    assertEquals(ECONNREFUSED, queue.poll().errno());
    assertEquals(new ErrorReport.ZeroCopy(1, 1), queue.poll());
  }

  @Test
  void errorsAreBoundedAndCompletionsAreNotLost() {
    int added = 0;
    for (int i = 0; i < 10_000; i++) {
      added += queue.add(error(IcmpError.Kind.PORT_UNREACHABLE)) ? 1 : 0;
      queue.sendCompleted();
    }
    assertEquals(64, added);
    assertFalse(queue.add(error(IcmpError.Kind.PORT_UNREACHABLE)));
    int reports = 0;
    int next = 0;
    for (ErrorReport r; (r = queue.poll()) != null; reports++) {
      if (r instanceof ErrorReport.ZeroCopy z) {
        assertEquals(next, z.first());
        next = z.last() + 1;
      }
    }
    assertEquals(10_000, next);
    assertTrue(reports <= 130, "reports " + reports);
    assertTrue(queue.add(error(IcmpError.Kind.PORT_UNREACHABLE)), "there is room again");
  }

  @Test
  void whatIsPendingFollowsTheQueueSockDequeueErrSkb() {
    queue.add(error(IcmpError.Kind.PORT_UNREACHABLE));
    queue.add(error(IcmpError.Kind.HOST_UNREACHABLE));
    queue.sendCompleted();
    assertEquals(EHOSTUNREACH, queue.pendingAfter(queue.poll(), 0));
    assertEquals(0, queue.pendingAfter(queue.poll(), EHOSTUNREACH));
    assertEquals(104, queue.pendingAfter(queue.poll(), 104), "another's stays");
  }
}
