package io.loomvisor.kernel.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.loomvisor.gofer.abi.LinuxException;
import org.junit.jupiter.api.Test;

class TimeSpecTest {
  @Test
  void refusesWhatIsNotNormal() {
    assertThrows(LinuxException.class, () -> TimeSpec.nanos(-1, 0));
    assertThrows(LinuxException.class, () -> TimeSpec.nanos(0, -1));
    assertThrows(LinuxException.class, () -> TimeSpec.nanos(0, 1_000_000_000));
    assertEquals(1_999_999_999L, TimeSpec.nanos(1, 999_999_999));
  }

  @Test
  void saturates() {
    assertEquals(Long.MAX_VALUE, TimeSpec.nanos(Long.MAX_VALUE, 5));
    assertEquals(Long.MAX_VALUE, TimeSpec.deadline(10, Long.MAX_VALUE));
    assertEquals(Long.MAX_VALUE, TimeSpec.deadline(10, Long.MAX_VALUE - 10));
    assertEquals(15, TimeSpec.deadline(10, 5));
    assertEquals(5, TimeSpec.deadline(-10, 15));
  }
}
