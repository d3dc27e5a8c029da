package io.loomvisor.runtime.boot;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.runtime.oci.control.ShellPipes;
import io.loomvisor.runtime.oci.spec.ConfigException;
import io.loomvisor.runtime.oci.spec.ContainerConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a locked sentry must be given to run one more container: the configuration, and descriptors
 * of all that it may not open itself. {@link Joining} makes it.
 *
 * @param id of the container
 * @param directories of the gofer's trees, which are directories and not single files
 * @param names of the three streams, as /proc/self/fd shows them
 * @param sharesNames whether the host name is the other container's
 * @param sharesIpc whether System V IPC and message queues are
 * @param descriptors {@link #DESCRIPTORS} of them
 */
record JoinRequest(
    String id,
    ContainerConfig config,
    List<Boolean> directories,
    List<String> names,
    boolean sharesNames,
    boolean sharesIpc,
    int[] descriptors) {
  /** The control socket, the two named pipes, the gofer, standard streams. */
  static final int DESCRIPTORS = 7;

  private static final int CONTROL = 0;
  private static final int REQUESTS = 1;
  private static final int ANSWERS = 2;
  private static final int GOFER = 3;
  private static final int STREAMS = 4;

  int control() {
    return descriptors[CONTROL];
  }

  ShellPipes pipes() {
    return ShellPipes.of(descriptors[REQUESTS], descriptors[ANSWERS]);
  }

  int gofer() {
    return descriptors[GOFER];
  }

  int[] streams() {
    return Arrays.copyOfRange(descriptors, STREAMS, DESCRIPTORS);
  }

  /** Closes what has not been taken over. */
  void closeAll() {
    Arrays.stream(descriptors).forEach(DescriptorCalls::close);
  }

  static JoinRequest parse(JsonObject o, int[] descriptors) throws ConfigException {
    List<Boolean> directories = new ArrayList<>();
    o.getAsJsonArray("directories").forEach(d -> directories.add(d.getAsBoolean()));
    List<String> names = new ArrayList<>();
    for (JsonElement e : o.getAsJsonArray("names")) {
      names.add(e.getAsString());
    }
    return new JoinRequest(
        o.get("id").getAsString(),
        ContainerConfig.parse(o.get("config").getAsString(), Path.of("/")),
        directories,
        names,
        o.get("sharesNames").getAsBoolean(),
        o.get("sharesIpc").getAsBoolean(),
        descriptors);
  }
}
