package io.loomvisor.platform.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PollingTest {
  @Test
  void onlyWhileACpuIsIdleUnlessToldOtherwise() {
    assertEquals(Polling.whenIdle(), Polling.configured());
    assertTrue(Polling.configured().considerate());
    assertEquals(Polling.NEVER, Polling.of("never"));
    assertEquals(Polling.standby(), Polling.of("standby"));
    assertThrows(IllegalArgumentException.class, () -> Polling.of("always"));
  }

  @Test
  void aLimitOfCpuTimeCountsAsFewerCpus() {
    Polling idle = Polling.whenIdle();
    assertEquals(idle, idle.within(Integer.MAX_VALUE));
    assertEquals(1, idle.within(1).cpus(), "none for the poller beside a task");
    assertEquals(0, idle.within(0).cpus());
    assertEquals(idle.patience(), idle.within(1).patience());
    assertEquals(Polling.NEVER, Polling.NEVER.within(4));
  }
}
