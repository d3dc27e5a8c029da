package io.loomvisor.gofer.wire;

/**
 * The peer sent bytes that are no message of the protocol, or not one it may send now. The
 * connection cannot go on.
 */
public final class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ProtocolException(String message) {
    super(message, null, false, false);
  }
}
