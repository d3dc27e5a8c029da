package io.loomvisor.runtime.lock;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A root directory with nothing in it and nothing behind it. */
final class EmptyRoot {
  private static final Logger LOG = LoggerFactory.getLogger(EmptyRoot.class);

  private EmptyRoot() {}

  /** Enters it where this process may. */
  static void enter() throws IOException {
    if (OwnMounts.changeable()) {
      OwnMounts.begin("size=4k,nr_inodes=1,mode=555");
      OwnMounts.enter();
    } else {
      LOG.warn(
          "No rights to change its mounts: the sentry keeps its root directory, and the seccomp"
              + " filter alone keeps it from files.");
    }
  }
}
