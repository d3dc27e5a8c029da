package io.loomvisor.kernel.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LockedFileTest {
  private final Object one = new Object();
  private final Object other = new Object();
  private final LockedFile file = new LockedFile(new FileKey(1, 2));

  private static RecordLock lock(Object owner, boolean exclusive, long start, long end) {
    return new RecordLock(owner, 7, exclusive, start, end, null);
  }

  @Test
  void sharedLocksDoNotConflict() {
    file.set(lock(one, false, 0, 9));
    assertNull(file.conflict(lock(other, false, 5, 6)));
    assertNotNull(file.conflict(lock(other, true, 9, 9)));
    assertNull(file.conflict(lock(other, true, 10, 20)));
  }

  @Test
  void ownLocksNeverConflict() {
    file.set(lock(one, true, 0, Long.MAX_VALUE));
    assertNull(file.conflict(lock(one, true, 3, 4)));
  }

  @Test
  void unlockingTheMiddleSplits() {
    file.set(lock(one, true, 0, 99));
    assertTrue(file.cut(one, 40, 59));
    assertEquals(2, file.recordCount());
    assertNull(file.conflict(lock(other, true, 40, 59)));
    assertNotNull(file.conflict(lock(other, true, 39, 39)));
    assertNotNull(file.conflict(lock(other, true, 60, 60)));
  }

  @Test
  void adjacentLocksOfOneKindMerge() {
    file.set(lock(one, true, 0, 9));
    file.set(lock(one, true, 20, 29));
    file.set(lock(one, true, 10, 19));
    assertEquals(1, file.recordCount());
    assertFalse(file.cut(other, 0, 100));
  }

  @Test
  void changingTheKindReplacesTheRange() {
    file.set(lock(one, true, 0, 9));
    file.set(lock(one, false, 0, 4));
    assertEquals(2, file.recordCount());
    assertNull(file.conflict(lock(other, false, 0, 4)));
    assertNotNull(file.conflict(lock(other, false, 5, 5)));
  }
}
