package io.loomvisor.platform.kvm.host;

/** A host call failed that has no reason to fail: the sandbox cannot go on. */
public class KvmException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  public KvmException(String what, int errno) {
    super(what + " failed: errno " + errno);
    this.errno = errno;
  }

  public KvmException(String message) {
    super(message);
    this.errno = 0;
  }

  /** The host's error number, 0 if there is none. */
  public final int errno() {
    return errno;
  }
}
