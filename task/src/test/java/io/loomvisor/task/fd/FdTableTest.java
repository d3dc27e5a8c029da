package io.loomvisor.task.fd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.FileDescription;
import org.junit.jupiter.api.Test;

class FdTableTest {
  private static final int LIMIT = 100;

  private static final class Recorded extends FileDescription {
    private boolean closed;

    Recorded() {
      super(null, 0);
    }

    @Override
    protected void onRelease() {
      closed = true;
    }
  }

  private final FdTable table = new FdTable();

  @Test
  void lowestFreeNumberIsTaken() {
    for (int i = 0; i < 5; i++) {
      assertEquals(i, table.install(new Recorded(), 0, LIMIT, false));
    }
    table.close(1);
    table.close(3);
    assertEquals(1, table.install(new Recorded(), 0, LIMIT, false));
    assertEquals(3, table.install(new Recorded(), 2, LIMIT, false));
    assertEquals(5, table.install(new Recorded(), 0, LIMIT, false));
    assertEquals(70, table.install(new Recorded(), 70, LIMIT, false));
    assertEquals(6, table.install(new Recorded(), 0, LIMIT, false));
  }

  @Test
  void limitIsHonoured() {
    for (int i = 0; i < LIMIT; i++) {
      table.install(new Recorded(), 0, LIMIT, false);
    }
    assertErrno(Errno.EMFILE, () -> table.install(new Recorded(), 0, LIMIT, false));
    assertErrno(Errno.EBADF, () -> table.installAt(LIMIT, new Recorded(), LIMIT, false));
    assertErrno(Errno.EBADF, () -> table.installAt(-1, new Recorded(), LIMIT, false));
  }

  @Test
  void lastReferenceClosesAndDup2ReplacesWhatWasThere() {
    Recorded first = new Recorded();
    Recorded second = new Recorded();
    table.install(first, 0, LIMIT, false);
    FileDescription held = table.get(0);
    table.installAt(0, second, LIMIT, true);
    assertFalse(first.closed);
    held.release();
    assertTrue(first.closed);
    assertTrue(table.isCloseOnExec(0));
    table.closeOnExec();
    assertTrue(second.closed);
    assertErrno(Errno.EBADF, () -> table.get(0));
  }

  @Test
  void copyHasReferencesOfItsOwn() {
    Recorded d = new Recorded();
    table.install(d, 0, LIMIT, false);
    FdTable copy = table.copy();
    table.unshare();
    assertFalse(d.closed);
    copy.closeRange(0, Integer.MAX_VALUE, false);
    assertTrue(d.closed);
  }

  private static void assertErrno(Errno expected, Runnable action) {
    assertEquals(expected, assertThrows(LinuxException.class, action::run).errno());
  }
}
