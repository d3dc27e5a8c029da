package io.loomvisor.runtime.boot;

import com.google.gson.JsonObject;
import io.loomvisor.runtime.oci.spec.ConfigException;
import io.loomvisor.vfs.host.HostStreams;

/**
 * Where containers come in that are to share the network of one that runs already: they get a
 * kernel of their own beside its kernel. They end with the sandbox.
 */
final class FurtherContainers {
  private final SandboxKernel parts;
  private final HostStreams host;

  /**
   * @param parts of the container that the sandbox was made for
   * @param host its streams, whose watcher is everybody's
   */
  FurtherContainers(SandboxKernel parts, HostStreams host) {
    this.parts = parts;
    this.host = host;
  }

  /** Takes the descriptors over. Others are served meanwhile: making it takes its time. */
  void join(JsonObject request, int answers, int[] descriptors) throws ConfigException {
    if (descriptors.length != JoinRequest.DESCRIPTORS) {
      throw new ConfigException("join without its " + JoinRequest.DESCRIPTORS + " descriptors");
    }
    JoinRequest join = JoinRequest.parse(request, descriptors);
    JoinedContainer container = new JoinedContainer(parts, host, join, answers);
    Thread.ofPlatform().daemon().name("container-" + join.id()).start(container::run);
  }
}
