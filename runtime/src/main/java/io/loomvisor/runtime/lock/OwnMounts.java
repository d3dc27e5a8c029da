package io.loomvisor.runtime.lock;

import io.loomvisor.runtime.host.Capability;
import io.loomvisor.runtime.host.MountCalls;
import java.io.IOException;

/** This process's mounts. */
final class OwnMounts {
  /** Flags for a mount with which nothing is to be done. */
  static final int QUIET = MountCalls.MS_NOSUID | MountCalls.MS_NODEV | MountCalls.MS_NOEXEC;

  /** A directory to make a new root at: any will do, as it is moved over the old root at once. */
  static final String PLACE = "/proc";

  /**
   * Set by whoever started this process in a mount namespace of its own: that cannot be found out
   * from within.
   */
  private static final String ISOLATED = "loomvisor.isolated";

  private OwnMounts() {}

  /** Whether this process may change its mounts, and would change nobody else's. */
  static boolean changeable() throws IOException {
    return Boolean.getBoolean(ISOLATED) && Capability.CAP_SYS_ADMIN.held();
  }

  /** Begins a new root: a small file system in memory at {@link #PLACE}. */
  static void begin(String options) throws IOException {
    MountCalls.makePrivate();
    MountCalls.mountTmpfs(PLACE, QUIET, options);
  }

  /** Makes it the root, and read-only; everything else is gone. */
  static void enter() throws IOException {
    MountCalls.enterRoot(PLACE);
  }
}
