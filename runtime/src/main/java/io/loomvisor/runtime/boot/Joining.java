package io.loomvisor.runtime.boot;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.runtime.host.ChildProcess;
import io.loomvisor.runtime.lock.GoferLock;
import io.loomvisor.runtime.oci.control.ControlClient;
import io.loomvisor.runtime.oci.control.ShellPipes;
import io.loomvisor.runtime.oci.spec.ContainerConfig;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Asks a running sandbox to run one more container, from the process that stands for that container
 * on the host and whose child the container's gofer is.
 *
 * @param directory of the container's state
 * @param bundle what its configuration's root is relative to
 * @param control its bound datagram socket
 * @param names of this process's streams, which become the container's
 * @param sharesNames whether its host name is the other's
 * @param sharesIpc whether its System V IPC is
 */
public record Joining(
    Path directory,
    Path bundle,
    int control,
    List<String> names,
    boolean sharesNames,
    boolean sharesIpc) {
  /**
   * What has been asked for.
   *
   * @param answers the caller closes it
   * @param gofer ends with the container; the caller reaps it
   */
  public record Asked(ControlClient answers, ChildProcess gofer) {}

  /**
   * Starts the gofer and sends the request; answers come as to exec.
   *
   * @param sandbox the state of the container that the sandbox was made for
   */
  public Asked ask(Path sandbox) throws IOException {
    String text = Files.readString(directory.resolve(StateDirectory.CONFIG));
    List<GoferLock.Tree> trees = ContainerMounts.trees(ContainerConfig.parse(text, bundle));
    ShellPipes pipes = ShellPipes.open(directory);
    GoferLauncher.Started gofer = GoferLauncher.start(trees);
    try {
      GoferClient.prepare(gofer.socket());
      int[] ends = pipes.descriptors();
      ControlClient client =
          ControlClient.send(
              sandbox, request(text, trees), control, ends[0], ends[1], gofer.socket(), 0, 1, 2);
      return new Asked(client, gofer.process());
    } finally {
      // What the sandbox has got is its own; the gofer is to see it when the sandbox lets go.
      DescriptorCalls.close(gofer.socket());
      DescriptorCalls.close(control);
      pipes.close();
    }
  }

  private JsonObject request(String config, List<GoferLock.Tree> trees) {
    JsonObject request = ControlClient.request("join");
    request.addProperty("id", directory.getFileName().toString());
    request.addProperty("config", config);
    JsonArray directories = new JsonArray();
    trees.forEach(tree -> directories.add(tree.directory()));
    request.add("directories", directories);
    JsonArray streams = new JsonArray();
    names.forEach(streams::add);
    request.add("names", streams);
    request.addProperty("sharesNames", sharesNames);
    request.addProperty("sharesIpc", sharesIpc);
    return request;
  }
}
