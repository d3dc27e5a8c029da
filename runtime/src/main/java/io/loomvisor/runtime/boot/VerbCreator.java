package io.loomvisor.runtime.boot;

import com.google.gson.JsonObject;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.runtime.oci.control.Messages;
import io.loomvisor.runtime.oci.spec.ContainerConfig;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The JVM's verb {@code create}, at the other end of a socket; what it does is done by it. */
public final class VerbCreator implements Creator {
  private final int control;
  private final int sync;

  /**
   * @param control the bound datagram socket
   * @param sync the connection
   */
  public VerbCreator(int control, int sync) {
    this.control = control;
    this.sync = sync;
  }

  @Override
  public ContainerConfig configuration(Path directory, Path bundle) throws IOException {
    String text = Files.readString(directory.resolve(StateDirectory.CONFIG));
    return ContainerConfig.parse(text, bundle);
  }

  /** The verb has. */
  @Override
  public void begin(ContainerConfig config) {}

  @Override
  public int control(Path directory) {
    return control;
  }

  @Override
  public void awaitHooks() throws IOException {
    if (Messages.receive(sync).json() == null) {
      throw new IOException("the runtime has died");
    }
  }

  @Override
  public boolean created() {
    return tell(new JsonObject());
  }

  @Override
  public void failed(String message) {
    tell(Messages.error(message));
  }

  private boolean tell(JsonObject message) {
    try {
      Messages.send(sync, message);
      return true;
    } catch (LinuxException e) {
      return false;
    }
  }
}
