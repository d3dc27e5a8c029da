package io.loomvisor.runtime.oci.spec;

import java.io.IOException;

/** A configuration that is not well-formed or asks for what there is not; the message names it. */
public final class ConfigException extends IOException {
  private static final long serialVersionUID = 1L;

  public ConfigException(String message) {
    super(message);
  }
}
