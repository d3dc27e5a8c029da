package io.loomvisor.task.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PendingSignalsTest {
  private final PendingSignals pending = new PendingSignals();

  @Test
  void standardSignalsMerge() {
    assertTrue(pending.add(info(Signal.SIGUSR1, 1)));
    assertFalse(pending.add(info(Signal.SIGUSR1, 2)));
    assertEquals(1, pending.take(Signal.ALL).value());
    assertNull(pending.take(Signal.ALL));
  }

  @Test
  void realtimeSignalsQueueInOrder() {
    pending.add(info(40, 1));
    pending.add(info(41, 2));
    pending.add(info(40, 3));
    assertEquals(1, pending.take(Signal.ALL).value());
    assertTrue(Signal.in(pending.set(), 40));
    assertEquals(3, pending.take(Signal.ALL).value());
    assertFalse(Signal.in(pending.set(), 40));
    assertEquals(2, pending.take(Signal.ALL).value());
    assertEquals(0, pending.set());
  }

  @Test
  void faultsComeFirstThenLowestNumber() {
    pending.add(info(Signal.SIGHUP, 1));
    pending.add(info(Signal.SIGUSR2, 2));
    pending.add(info(Signal.SIGSEGV, 3));
    assertEquals(Signal.SIGSEGV, pending.take(Signal.ALL).signal());
    assertEquals(Signal.SIGHUP, pending.take(Signal.ALL).signal());
    assertEquals(Signal.SIGUSR2, pending.take(Signal.ALL).signal());
  }

  @Test
  void unwantedSignalsStay() {
    pending.add(info(Signal.SIGINT, 1));
    assertNull(pending.take(~Signal.bit(Signal.SIGINT)));
    assertTrue(Signal.in(pending.set(), Signal.SIGINT));
    pending.discard(Signal.bit(Signal.SIGINT));
    assertEquals(0, pending.set());
  }

  @Test
  void quotaIsGivenBackHoweverASignalLeaves() {
    SignalQuota quota = new SignalQuota();
    pending.add(info(40, 1), quota.charge(7, 3));
    pending.add(info(41, 2), quota.charge(7, 3));
    pending.add(info(Signal.SIGUSR1, 3), quota.charge(7, 3));
    assertNull(quota.charge(7, 3));
    assertEquals(3, quota.queued(7));
    assertEquals(0, quota.queued(8));
    pending.take(Signal.bit(40));
    pending.discard(Signal.bit(41) | Signal.bit(Signal.SIGUSR1));
    assertEquals(0, quota.queued(7));
  }

  @Test
  void aSignalWithoutParticularsIsStillPending() {
    pending.addBare(40);
    assertTrue(Signal.in(pending.set(), 40));
    assertEquals(SignalInfo.SI_USER, pending.take(Signal.ALL).code());
    assertEquals(0, pending.set());
  }

  private static SignalInfo info(int signal, long value) {
    return SignalInfo.from(signal, SignalInfo.SI_QUEUE, 1, 0, value);
  }
}
