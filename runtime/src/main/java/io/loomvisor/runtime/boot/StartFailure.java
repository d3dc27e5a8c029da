package io.loomvisor.runtime.boot;

/**
 * The command could not be started. The message is for the user; {@link #status} is the exit status
 * that says so.
 */
public final class StartFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /** As shells say it: found, but cannot be run. */
  static final int CANNOT_RUN = 126;

  static final int NOT_FOUND = 127;

  private final int status;

  StartFailure(int status, String message) {
    super(message);
    this.status = status;
  }

  public int status() {
    return status;
  }
}
