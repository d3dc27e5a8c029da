package io.loomvisor.kernel.syscall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.kernel.syscall.identity.IdentityCalls;
import io.loomvisor.kernel.syscall.poll.PollCalls;
import org.junit.jupiter.api.Test;

class SyscallDocumentTest {
  @Test
  void listsEverySyscallOnce() {
    SyscallTable.Builder b = SyscallTable.builder();
    new IdentityCalls(null, null).register(b);
    new PollCalls().register(b);
    String page = SyscallDocument.markdown(b.build());
    assertTrue(page.contains("| 102 | getuid | full |  |\n"), page);
    assertTrue(page.contains("| 0 | read | none | not implemented |\n"), page);
    assertEquals(
        SyscallNumber.values().length, page.lines().filter(l -> l.matches("\\| \\d+ .*")).count());
  }

  @Test
  void registeringTwiceIsABug() {
    SyscallTable.Builder b = SyscallTable.builder();
    new PollCalls().register(b);
    assertThrows(IllegalStateException.class, () -> new PollCalls().register(b));
  }
}
