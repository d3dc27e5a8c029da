package io.loomvisor.runtime.boot;

import io.loomvisor.runtime.oci.spec.ContainerConfig;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Whoever makes a container, as its sentry sees it while it boots. If it dies, the sentry ends:
 * then nobody would know of it.
 */
public interface Creator {
  /**
   * What is to be made.
   *
   * @param directory the container's state
   * @param bundle what the configuration's root is relative to
   */
  ContainerConfig configuration(Path directory, Path bundle) throws IOException;

  /** Puts everything that others must find where they look for it, and has the hooks run. */
  void begin(ContainerConfig config) throws IOException;

  /**
   * A datagram socket for the verbs' requests, bound in {@code directory}. The caller closes it.
   */
  int control(Path directory) throws IOException;

  /** Waits until the hooks have run, which may yet change files that are mounted. */
  void awaitHooks() throws IOException;

  /** Tells that the container is created. False if nobody is there to be told. */
  boolean created();

  /** Tells why it cannot be created. */
  void failed(String message);
}
