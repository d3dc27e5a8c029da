package io.loomvisor.runtime.cli;

import java.util.List;
import java.util.Map;

/** Environment variables that the launcher sets for this JVM and that are not the application's. */
final class LauncherEnvironment {
  /** glibc's, see the launcher. */
  private static final List<String> REPLACED = List.of("GLIBC_TUNABLES", "MALLOC_ARENA_MAX");

  /** Before the name of a variable: the caller's own value, which the launcher has replaced. */
  private static final String CALLERS = "LOOMVISOR_CALLERS_";

  private LauncherEnvironment() {}

  /**
   * Undoes the launcher's changes.
   *
   * @param environment by name, NAME=VALUE
   */
  static void restore(Map<String, String> environment) {
    environment.remove("LOOMVISOR_TRAINING");
    for (String name : REPLACED) {
      String callers = environment.remove(CALLERS + name);
      if (callers == null) {
        environment.remove(name);
      } else {
        environment.put(name, callers.substring(CALLERS.length()));
      }
    }
  }
}
