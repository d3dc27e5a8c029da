package io.loomvisor.runtime.network;

import io.loomvisor.runtime.host.Capability;
import java.io.IOException;

/** Whether this process is in a network namespace that is the sandbox's own. */
public final class OwnNetwork {
  /** Set by whoever started this process in namespaces of its own: see {@code lock.OwnMounts}. */
  private static final String ISOLATED = "loomvisor.isolated";

  private OwnNetwork() {}

  /** True if so, with the rights to change it. */
  public static boolean present() throws IOException {
    return Boolean.getBoolean(ISOLATED) && Capability.CAP_NET_ADMIN.held();
  }
}
