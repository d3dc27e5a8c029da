package io.loomvisor.runtime.oci.verb;

import com.google.gson.JsonObject;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.runtime.host.SocketPair;
import io.loomvisor.runtime.oci.cgroup.HostCgroup;
import io.loomvisor.runtime.oci.control.Messages;
import io.loomvisor.runtime.oci.spec.ContainerConfig;
import io.loomvisor.runtime.oci.state.ContainerState;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Makes the verbs' classes known to the AOT cache (train-aot), without a container. */
public final class Training {
  private Training() {}

  public static void run() throws IOException {
    Path root = Files.createTempDirectory("loomvisor-training");
    try (InputStream template = Template.class.getResourceAsStream("config.json");
        StateDirectory directory = StateDirectory.create(root, "training")) {
      String text = new String(template.readAllBytes(), StandardCharsets.UTF_8);
      ContainerConfig config = ContainerConfig.parse(text, root);
      directory.replace(StateDirectory.CONFIG, text);
      directory.write(
          new ContainerState(
              "training", ContainerState.Phase.CREATED, 0, 0, "/", "/", "", "", Map.of()));
      List<String> ask = List.of("--root", root.toString(), "--log-format", "json", "state");
      RuntimeCommand.of(
              java.util.stream.Stream.concat(ask.stream(), java.util.stream.Stream.of("training"))
                  .toArray(String[]::new))
          .call();
      HostCgroup.at(Lifecycle.cgroupPath(config, "training"));
      SocketPair pair = SocketPair.open();
      Messages.send(pair.near(), new JsonObject());
      Messages.receive(pair.far());
      DescriptorCalls.close(pair.near());
      DescriptorCalls.close(pair.far());
      directory.remove();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    } finally {
      Files.deleteIfExists(root);
    }
  }
}
