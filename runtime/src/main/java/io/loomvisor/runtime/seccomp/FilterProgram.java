package io.loomvisor.runtime.seccomp;

import io.loomvisor.runtime.seccomp.BpfAssembler.Label;
import java.util.List;

/**
 * Translates rules to BPF over struct seccomp_data (linux/seccomp.h):
 *
 * <pre>
 *   0     4       8                       16       24 ...
 *   | nr  | arch  | instruction pointer   | arg 0  | arg 1 ... arg 5
 * </pre>
 *
 * <p>Rules are tried in their order, so the most frequent syscalls come first. The kernel does not
 * even run the program for a syscall that it allows whatever the arguments are (its cache of
 * seccomp actions).
 */
public final class FilterProgram {
  private static final int NUMBER = 0;
  private static final int ARCHITECTURE = 4;
  private static final int ARGUMENTS = 16;
  private static final int AUDIT_ARCH_X86_64 = 0xc000_003e;

  /** Numbers from here on are the x32 ABI's, or none (arch/x86/include/uapi/asm/unistd.h). */
  private static final int X32_SYSCALL_BIT = 0x4000_0000;

  private FilterProgram() {}

  /**
   * @param rules the first of a syscall's of which an alternative holds gives the verdict
   * @param otherwise if there is none; another architecture's syscalls are always {@link
   *     Verdict#KILL}
   */
  public static List<BpfInstruction> of(List<SyscallRule> rules, Verdict otherwise) {
    BpfAssembler out = new BpfAssembler();
    Label foreign = new Label();
    out.load(ARCHITECTURE).unlessEqual(AUDIT_ARCH_X86_64, foreign);
    out.load(NUMBER).ifAtLeast(X32_SYSCALL_BIT, foreign);
    Label start = new Label();
    out.ifAtLeast(0, start); // always: over the verdict, which must be in reach of the jumps above
    out.bind(foreign).answer(Verdict.KILL.code());
    out.bind(start);
    for (SyscallRule rule : rules) {
      rule(out, rule);
    }
    out.answer(otherwise.code());
    return out.assemble();
  }

  private static void rule(BpfAssembler out, SyscallRule rule) {
    Label next = new Label();
    out.unlessEqual(rule.syscall().number(), next);
    for (List<ArgumentCheck> checks : rule.alternatives()) {
      Label other = new Label();
      checks.forEach(c -> check(out, c, other));
      out.answer(rule.verdict().code());
      out.bind(other);
    }
    out.load(NUMBER); // for the rules that follow
    out.bind(next);
  }

  private static void check(BpfAssembler out, ArgumentCheck check, Label otherwise) {
    int at = ARGUMENTS + 8 * check.argument();
    half(out, at, (int) check.mask(), (int) check.value(), otherwise);
    half(out, at + 4, (int) (check.mask() >>> 32), (int) (check.value() >>> 32), otherwise);
  }

  private static void half(BpfAssembler out, int at, int mask, int value, Label otherwise) {
    if (mask == 0) {
      return;
    }
    out.load(at);
    if (mask != -1) {
      out.and(mask);
    }
    out.unlessEqual(value, otherwise);
  }
}
