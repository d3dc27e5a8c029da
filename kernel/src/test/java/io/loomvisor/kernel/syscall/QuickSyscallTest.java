package io.loomvisor.kernel.syscall;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class QuickSyscallTest {
  /** It is the handler that says so, whatever kind of row it stands in. */
  @Test
  void theTableKnowsWhichHandlersAreQuick() {
    SyscallTable table =
        SyscallTable.builder()
            .full(SyscallNumber.GETPGRP, quick((t, a) -> 1))
            .full(SyscallNumber.PAUSE, (t, a) -> 1)
            .partial(SyscallNumber.UMASK, "half", quick((t, a) -> a.getInt(0)))
            .none(SyscallNumber.PTRACE, "no", null)
            .build();
    assertEquals("{95, 111}", table.quick().toString());
    assertTrue(table.entry(SyscallNumber.GETPGRP.number()).quick());
    assertFalse(table.entry(SyscallNumber.PAUSE.number()).quick());
    assertFalse(table.entry(SyscallNumber.PTRACE.number()).quick());
  }
}
