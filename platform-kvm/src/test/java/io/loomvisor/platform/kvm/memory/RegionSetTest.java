package io.loomvisor.platform.kvm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RegionSetTest {
  @Test
  void holdsEachOnce() {
    RegionSet set = new RegionSet();
    Set<Long> expected = new HashSet<>();
    Random random = new Random(1);
    for (int i = 0; i < 5000; i++) {
      long region = i % 3 == 0 ? i : random.nextLong(1L << 26);
      set.add(region);
      set.add(region);
      expected.add(region);
    }
    assertEquals(expected.size(), set.size());
    Set<Long> found = new HashSet<>();
    set.forEach(r -> assertTrue(found.add(r)));
    assertEquals(expected, found);
  }
}
