package io.loomvisor.vfs.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CpuListTest {
  @Test
  void runsAreJoined() {
    assertEquals("0-3,5", CpuList.of(0b101111));
    assertEquals("", CpuList.of(0));
    assertEquals("0-63", CpuList.of(-1));
    assertEquals("0", CpuList.first(1));
  }

  @Test
  void namesThatAreNumbers() {
    assertEquals(17, Decimal.parse("17"));
    assertEquals(-1, Decimal.parse("017"));
    assertEquals(-1, Decimal.parse("1x"));
    assertEquals(-1, Decimal.parse(""));
  }
}
