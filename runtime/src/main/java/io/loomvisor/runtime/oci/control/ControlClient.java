package io.loomvisor.runtime.oci.control;

import com.google.gson.JsonObject;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.runtime.host.SocketPair;
import io.loomvisor.runtime.host.UnixSockets;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** One request to a sandbox and its answers. */
public final class ControlClient implements AutoCloseable {
  private static final int AT_FDCWD = -100;

  private final int answers;

  private ControlClient(int answers) {
    this.answers = answers;
  }

  /**
   * Sends {@code request}.
   *
   * @param directory the container's state
   * @param descriptors copies of which the sandbox gets, seven at most
   */
  public static ControlClient send(Path directory, JsonObject request, int... descriptors)
      throws IOException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    SocketPair pair = SocketPair.open();
    int place = -1;
    int socket = -1;
    try {
      place = DirectoryCalls.open(AT_FDCWD, directory.toString(), flags, 0);
      socket = UnixSockets.connectDatagram(place, StateDirectory.CONTROL);
      int[] all = Arrays.copyOf(descriptors, descriptors.length + 1);
      System.arraycopy(descriptors, 0, all, 1, descriptors.length);
      all[0] = pair.far();
      Messages.send(socket, request, all);
      return new ControlClient(pair.near());
    } catch (IOException | LinuxException e) {
      SocketPair.close(pair.near());
      throw new RuntimeFailure("the sandbox does not answer: " + e.getMessage());
    } finally {
      SocketPair.close(pair.far());
      if (place >= 0) {
        DescriptorCalls.close(place);
      }
      if (socket >= 0) {
        DescriptorCalls.close(socket);
      }
    }
  }

  /** A request with one answer. */
  public static JsonObject ask(Path directory, JsonObject request) throws IOException {
    try (ControlClient client = send(directory, request)) {
      return client.answer();
    }
  }

  /** Waits for the next answer; an error of the sandbox's is thrown. */
  public JsonObject answer() throws IOException {
    JsonObject answer = answerOrEnd();
    if (answer == null) {
      throw new RuntimeFailure("the sandbox has ended");
    }
    return answer;
  }

  /** As {@link #answer}; null if the sandbox has ended. */
  public JsonObject answerOrEnd() throws IOException {
    JsonObject answer = Messages.receive(answers).json();
    if (answer != null && answer.has("error")) {
      throw new RuntimeFailure(answer.get("error").getAsString());
    }
    return answer;
  }

  /**
   * Waits for the end of a sentry that boots and will take no request: then the host drops what has
   * been sent to it, with the far end of the answers' socket. False if that takes more than {@code
   * nanos}.
   */
  public static boolean awaitEnd(Path directory, long nanos) {
    try (ControlClient client = send(directory, request("end"))) {
      DescriptorCalls.setReceiveTimeout(client.answers, (int) (nanos / 1000));
      return Messages.receive(client.answers).json() == null;
    } catch (IOException e) {
      return true; // no such socket, or nobody has it any more
    } catch (LinuxException e) {
      return false;
    }
  }

  /** Something for whoever serves the request. */
  public void tell(JsonObject message) {
    Messages.send(answers, message);
  }

  public static JsonObject request(String verb) {
    JsonObject o = new JsonObject();
    o.addProperty("verb", verb);
    return o;
  }

  @Override
  public void close() {
    SocketPair.close(answers);
  }
}
