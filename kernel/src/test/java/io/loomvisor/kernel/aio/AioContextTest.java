package io.loomvisor.kernel.aio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import java.util.List;
import org.junit.jupiter.api.Test;

class AioContextTest {
  private final AioContext context = new AioContext(2);

  @Test
  void aPlaceIsTakenUntilItsEventIsCollected() {
    context.reserve();
    context.reserve();
    assertErrno(Errno.EAGAIN);
    context.complete(new AioContext.Event(1, 100, 7));
    assertErrno(Errno.EAGAIN);
    assertEquals(List.of(new AioContext.Event(1, 100, 7)), context.take(5));
    context.reserve();
    context.cancelReservation();
    context.reserve();
    assertErrno(Errno.EAGAIN);
  }

  @Test
  void eventsComeInOrderAndNoMoreThanAsked() {
    for (int i = 0; i < 2; i++) {
      context.reserve();
      context.complete(new AioContext.Event(i, 0, 0));
    }
    assertEquals(0, context.take(1).getFirst().data());
    assertEquals(1, context.take(1).getFirst().data());
    assertEquals(List.of(), context.take(1));
  }

  @Test
  void arrivalsAreNotified() {
    int[] heard = new int[1];
    context.arrivals().register(events -> heard[0]++, -1);
    context.reserve();
    context.complete(new AioContext.Event(1, 2, 3));
    assertEquals(1, heard[0]);
  }

  @Test
  void aClosedContextTakesNothing() {
    context.close();
    assertErrno(Errno.EINVAL);
  }

  private void assertErrno(Errno expected) {
    assertEquals(expected, assertThrows(LinuxException.class, context::reserve).errno());
  }
}
