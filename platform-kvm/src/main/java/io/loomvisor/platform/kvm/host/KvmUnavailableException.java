package io.loomvisor.platform.kvm.host;

/**
 * This host cannot run guests. The launcher prints {@link #reason()} and {@link #cure()} to the
 * user.
 */
public final class KvmUnavailableException extends KvmException {
  private static final long serialVersionUID = 1L;

  private final String reason;
  private final String cure;

  public KvmUnavailableException(String reason, String cure) {
    super(reason + "; " + cure);
    this.reason = reason;
    this.cure = cure;
  }

  /** What is wrong, one clause. */
  public String reason() {
    return reason;
  }

  /** What the user can do about it, one clause. */
  public String cure() {
    return cure;
  }
}
