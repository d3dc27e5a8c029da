package io.loomvisor.kernel.ipc.sem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.ipc.IpcFlags;
import io.loomvisor.kernel.ipc.IpcLimits;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.vfs.Credentials;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SemaphoreSetTest {
  private final Credentials root = Credentials.root();
  private final SemaphoreSets sets = new SemaphoreSets(new IpcLimits());
  private final SemaphoreSet set = sets.get(IpcFlags.IPC_PRIVATE, 3, 0600, root);
  private final ThreadGroup one = new ThreadGroup(11, ResourceLimits.initial());
  private final ThreadGroup other = new ThreadGroup(12, ResourceLimits.initial());

  private static SemaphoreOperation op(int number, int change) {
    return new SemaphoreOperation(number, (short) change, 0);
  }

  private static SemaphoreOperation undo(int number, int change) {
    return new SemaphoreOperation(number, (short) change, SemaphoreOperation.SEM_UNDO);
  }

  private PendingOperations start(ThreadGroup process, SemaphoreOperation... operations) {
    PendingOperations p = new PendingOperations(List.of(operations), process);
    sets.operate(set, p, root);
    return p;
  }

  private static void failed(Errno errno, PendingOperations p) {
    assertTrue(p.done());
    assertEquals(errno, assertThrows(LinuxException.class, p::check).errno());
  }

  @Test
  void allOrNothing() {
    start(one, op(0, 2), op(1, 1)).check();
    PendingOperations p = start(one, op(0, -1), op(1, -1), op(2, -1));
    assertFalse(p.done());
    assertArrayEquals(new int[] {2, 1, 0}, set.values());
    assertEquals(1, set.waiting(2, false));
    assertEquals(0, set.waiting(0, false));
    start(other, op(2, 1)).check();
    p.check();
    assertArrayEquals(new int[] {1, 0, 0}, set.values());
    assertEquals(11, set.lastProcess(2));
  }

  @Test
  void whoHasWaitedLongerGoesFirst() {
    List<PendingOperations> waiting = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      waiting.add(start(one, op(0, -1)));
    }
    for (int i = 0; i < 5; i++) {
      assertFalse(waiting.get(i).done());
      start(other, op(0, 1));
      assertTrue(waiting.get(i).done(), "number " + i);
    }
  }

  @Test
  void oneThatCanGoPassesOneThatCannot() {
    PendingOperations big = start(one, op(0, -5));
    PendingOperations small = start(one, op(0, -1));
    PendingOperations zero = start(one, op(0, 0), op(1, 0));
    assertTrue(zero.done());
    start(other, op(0, 2));
    assertTrue(small.done());
    assertFalse(big.done());
    set.setValue(0, 7, 12);
    assertTrue(big.done());
    assertEquals(2, set.value(0));
  }

  @Test
  void waitingForZeroComesBeforeTaking() {
    set.setValue(0, 1, 1);
    PendingOperations taker = start(one, op(0, -1), op(1, -1));
    PendingOperations zero = start(one, op(0, 0));
    start(other, op(1, 1));
    assertTrue(taker.done());
    assertTrue(zero.done(), "the taker has made it 0");
  }

  @Test
  void theEndOfAProcessUndoes() {
    set.setValue(0, 5, 1);
    start(one, undo(0, -3), undo(1, 4)).check();
    PendingOperations waiter = start(other, op(0, -4));
    start(other, op(1, -2)).check();
    sets.processEnded(one);
    assertTrue(waiter.done());
    assertArrayEquals(new int[] {1, 0, 0}, set.values(), "1 + 3 given back - 4; 2 - 4 is 0");
    sets.processEnded(one);
    assertEquals(1, set.value(0), "once only");
  }

  @Test
  void settingAValueForgetsWhatWasToBeUndone() {
    set.setValue(0, 5, 1);
    start(one, undo(0, -3), undo(1, 4)).check();
    set.setValue(0, 9, 1);
    sets.processEnded(one);
    assertArrayEquals(new int[] {9, 0, 0}, set.values());
  }

  @Test
  void valuesStayInRange() {
    start(one, op(0, SemaphoreSet.MAX_VALUE)).check();
    failed(Errno.ERANGE, start(one, op(1, 1), op(0, 1)));
    assertEquals(0, set.value(1));
    failed(Errno.EAGAIN, start(one, new SemaphoreOperation(1, (short) -1, IpcFlags.IPC_NOWAIT)));
    assertEquals(
        Errno.EFBIG, assertThrows(LinuxException.class, () -> start(one, op(3, 1))).errno());
  }

  @Test
  void givingUpAndRemovalEndAWait() {
    PendingOperations p = start(one, op(0, -1));
    set.giveUp(p, Errno.EINTR);
    failed(Errno.EINTR, p);
    start(other, op(0, 1));
    assertEquals(1, set.value(0), "who has given up takes nothing");
    set.giveUp(p, Errno.EAGAIN);
    failed(Errno.EINTR, p);
    PendingOperations waiter = start(one, op(2, -1));
    sets.remove(set);
    failed(Errno.EIDRM, waiter);
    assertEquals(Errno.EIDRM, assertThrows(LinuxException.class, () -> set.value(0)).errno());
    assertEquals(0, sets.total());
  }
}
