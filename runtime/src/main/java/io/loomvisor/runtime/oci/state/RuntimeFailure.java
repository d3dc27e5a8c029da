package io.loomvisor.runtime.oci.state;

import java.io.IOException;

/** A verb cannot do what it was asked for; the message is for the caller. */
public final class RuntimeFailure extends IOException {
  private static final long serialVersionUID = 1L;

  public RuntimeFailure(String message) {
    super(message);
  }
}
