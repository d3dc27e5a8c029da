package io.loomvisor.runtime.cli;

/**
 * The command line makes no sense. Not picocli's exception: the usual forms must not load picocli,
 * and a class that throws it would when it is verified.
 */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message);
  }

  UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
