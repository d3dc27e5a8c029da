package io.loomvisor.runtime.seccomp;

import io.loomvisor.runtime.seccomp.BpfAssembler.Label;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Translates a container's seccomp profile to a filter over the application's syscalls, which the
 * sandbox's own kernel runs. As in libseccomp, a rule without conditions stands above those of the
 * same syscall that have some; otherwise the first that holds counts.
 */
public final class ProfileProgram {
  /** SECCOMP_RET_ERRNO with ENOSYS. */
  private static final int NO_SUCH_CALL = Verdict.NOT_IMPLEMENTED.code();

  private static final int NUMBER = 0;

  private ProfileProgram() {}

  /**
   * @param otherwise the answer for what no rule is about
   * @param last syscalls above it do not exist, so that a C library tries what was there before
   *     them, as runc has it; {@link Integer#MAX_VALUE} for none
   * @throws IllegalStateException it is longer than filters may be
   */
  public static List<BpfInstruction> of(List<ProfileRule> rules, int otherwise, int last) {
    Map<Integer, List<ProfileRule>> bySyscall = new LinkedHashMap<>();
    for (ProfileRule r : rules) {
      bySyscall.computeIfAbsent(r.number(), n -> new ArrayList<>()).add(r);
    }
    BpfAssembler out = new BpfAssembler();
    out.load(NUMBER);
    if (last != Integer.MAX_VALUE) {
      Label exists = new Label();
      out.unlessGreater(last, exists).answer(NO_SUCH_CALL).bind(exists);
    }
    // Those that look at arguments first: what the others answer is remembered by number.
    for (boolean conditional : new boolean[] {true, false}) {
      bySyscall.forEach(
          (number, about) -> {
            if (always(about) == null == conditional) {
              syscall(out, number, about, otherwise);
            }
          });
    }
    out.answer(otherwise);
    return out.assemble();
  }

  private static void syscall(
      BpfAssembler out, int number, List<ProfileRule> about, int otherwise) {
    Label next = new Label();
    ProfileRule always = always(about);
    if (always != null) {
      out.unlessEqual(number, next).answer(always.answer()).bind(next);
      return;
    }
    Label here = new Label();
    out.ifEqual(number, here)
        .jump(next)
        .bind(here); // the next syscall may be out of a branch's reach
    for (ProfileRule rule : about) {
      Label other = new Label();
      rule.conditions().forEach(c -> c.assemble(out, other));
      out.answer(rule.answer()).bind(other);
    }
    out.answer(otherwise).bind(next);
  }

  /** The rule without conditions; null if there is none. */
  private static ProfileRule always(List<ProfileRule> about) {
    return about.stream().filter(r -> r.conditions().isEmpty()).findFirst().orElse(null);
  }
}
