package io.loomvisor.gofer.abi;

/**
 * An operation failed with an errno. Thrown as {@code throw Errno.ENOENT.exception()}; the syscall
 * dispatcher turns it into the negative result. One stackless instance per errno, so never add
 * causes to it.
 */
public final class LinuxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Errno errno;

  LinuxException(Errno errno) {
    super(errno.name(), null, false, false);
    this.errno = errno;
  }

  public Errno errno() {
    return errno;
  }
}
