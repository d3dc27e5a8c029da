package io.loomvisor.runtime.seccomp;

import io.loomvisor.kernel.syscall.SyscallNumber;
import java.util.ArrayList;
import java.util.List;

/**
 * A system call that a process beside the sentry may make besides what the sentry may ({@link
 * SentrySyscall}). docs/security.md is generated from the lists of them.
 *
 * @param condition for people; empty if there is none
 * @param reason what it is needed for
 * @param alternatives one of these has to hold
 */
public record FurtherSyscall(
    SyscallNumber syscall,
    String condition,
    String reason,
    List<List<ArgumentCheck>> alternatives) {
  /** With any arguments. */
  static FurtherSyscall any(SyscallNumber syscall, String reason) {
    return new FurtherSyscall(syscall, "", reason, List.of(List.of()));
  }

  /**
   * The sentry's rules, and those of {@code further}: where both name a call these stand alone.
   *
   * @param pid the process's own, as it sees it
   */
  static List<SyscallRule> besidesTheSentrys(int pid, List<FurtherSyscall> further) {
    List<SyscallRule> rules = new ArrayList<>(SentrySyscall.rules(pid, false));
    for (FurtherSyscall f : further) {
      rules.removeIf(r -> r.syscall() == f.syscall);
      rules.add(new SyscallRule(f.syscall, Verdict.ALLOW, f.alternatives));
    }
    return rules;
  }
}
