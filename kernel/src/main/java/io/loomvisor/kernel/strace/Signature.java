package io.loomvisor.kernel.strace;

import java.util.List;

/** What the arguments and the result of one syscall are. */
record Signature(List<Argument> arguments, Result result) {
  static Signature of(Result result, Argument... arguments) {
    return new Signature(List.of(arguments), result);
  }

  /**
   * The first argument that is known only after the return, or the number of {@code shown} ones.
   */
  int knownAtEntry(int shown) {
    for (int i = 0; i < shown; i++) {
      if (arguments.get(i).atExit()) {
        return i;
      }
    }
    return shown;
  }
}
