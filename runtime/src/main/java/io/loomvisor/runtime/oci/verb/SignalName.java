package io.loomvisor.runtime.oci.verb;

import io.loomvisor.runtime.oci.state.RuntimeFailure;
import java.util.List;
import java.util.Locale;

/** Signals by name or number (signal(7), x86-64). */
final class SignalName {
  private static final int LAST = 64;
  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

  private SignalName() {}

  static int number(String text) throws RuntimeFailure {
    String name = text.toUpperCase(Locale.ROOT);
    if (name.startsWith("SIG")) {
      name = name.substring("SIG".length());
    }
    int number = NAMES.indexOf(name) + 1;
    if (number == 0 && name.matches("[0-9]{1,2}")) {
      number = Integer.parseInt(name);
    }
    if (number < 1 || number > LAST) {
      throw new RuntimeFailure("unknown signal \"" + text + "\"");
    }
    return number;
  }
}
