package io.loomvisor.vfs.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

class CpuListTest {
  @Test
  void runsBecomeRanges() {
    assertEquals("0-3,5", CpuList.of(BitSet.valueOf(new long[] {0b101111})));
    assertEquals("", CpuList.of(new BitSet()));
    assertEquals("0-63", CpuList.of(BitSet.valueOf(new long[] {-1})));
    assertEquals("0", CpuList.first(1));
  }

  @Test
  void masksAreGroupsOf32Bits() {
    assertEquals("3", CpuList.mask(BitSet.valueOf(new long[] {3}), 2));
    assertEquals("00000005", CpuList.mask(BitSet.valueOf(new long[] {5}), 32));
    assertEquals("f,00000001", CpuList.mask(BitSet.valueOf(new long[] {0xf00000001L}), 36));
    assertEquals("00,00000000", CpuList.mask(new BitSet(), 40));
  }
}
