package io.loomvisor.runtime.oci.control;

import com.google.gson.JsonObject;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.runtime.oci.control.Messages.Message;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sentry's side: takes requests one after the other. Whatever a verb sends, the loop goes on;
 * only root can send (the state directory is its).
 */
public final class ControlServer {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

  /** What the sandbox does with a request. Both descriptors and the answers' socket are its own. */
  public interface Handler {
    /**
     * @param answers where to answer; the handler closes it
     * @param descriptors that came along
     */
    void handle(JsonObject request, int answers, int[] descriptors);
  }

  private final int socket;
  private final Handler handler;

  public ControlServer(int socket, Handler handler) {
    this.socket = socket;
    this.handler = handler;
  }

  public void start() {
    Thread.ofPlatform().daemon().name("control").start(this::serve);
  }

  private void serve() {
    for (; ; ) {
      Message message = Messages.receive(socket);
      int[] fds = message.descriptors();
      if (message.json() == null || !message.json().has("verb") || fds.length == 0) {
        LOG.warn("A request without verb or without a place for the answer");
        Arrays.stream(fds).forEach(DescriptorCalls::close);
        continue;
      }
      try {
        handler.handle(message.json(), fds[0], Arrays.copyOfRange(fds, 1, fds.length));
      } catch (RuntimeException e) {
        LOG.warn("Request {} failed", message.json().get("verb"), e);
      }
    }
  }
}
