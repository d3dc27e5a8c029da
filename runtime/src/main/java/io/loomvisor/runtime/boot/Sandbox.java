package io.loomvisor.runtime.boot;

/** A sandbox: the gofer, the machine, the kernel and the first task. */
public final class Sandbox {
  private Sandbox() {}

  /**
   * Runs {@code what} to its end; the exit status.
   *
   * @throws IllegalStateException always, so far: the sentry's side of the gofer is not in the tree yet, see
   *     docs/status.md
   */
  public static int run(DoSpec what) {
    throw new IllegalStateException(
        "cannot run '"
            + what.command().getFirst()
            + "': the sandbox has no host files yet (the gofer client is missing; see docs/status.md)");
  }
}
