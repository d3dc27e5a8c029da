package io.loomvisor.kernel.strace;

import io.loomvisor.kernel.syscall.SyscallNumber;

/**
 * The text of one call, in the two halves that strace prints: what is known at entry, and the rest.
 */
final class Line {
  private final String name;
  private final Signature signature;

  Line(int number) {
    SyscallNumber known = SyscallNumber.of(number);
    this.name = known == null ? "syscall_0x" + Integer.toHexString(number) : known.linuxName();
    this.signature = Signatures.of(known);
  }

  String name() {
    return name;
  }

  /** Up to where the kernel has to have written something: {@code read(3, }. */
  String entry(Call call) {
    StringBuilder out = new StringBuilder(name).append('(');
    int shown = Arguments.shown(signature, call);
    int known = signature.knownAtEntry(shown);
    arguments(out, call, 0, known);
    return out.append(known > 0 && known < shown ? ", " : "").toString();
  }

  /** What was left out, and the result: {@code "abc", 3) = 3}. */
  String exit(Call call) {
    StringBuilder out = new StringBuilder();
    int shown = Arguments.shown(signature, call);
    arguments(out, call, signature.knownAtEntry(shown), shown);
    out.append(") = ");
    signature.result().append(out, call);
    return out.toString();
  }

  private void arguments(StringBuilder out, Call call, int from, int to) {
    for (int i = from; i < to; i++) {
      if (i > from) {
        out.append(", ");
      }
      signature.arguments().get(i).printer().print(out, call, i);
    }
  }
}
