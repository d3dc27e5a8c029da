package io.loomvisor.runtime.oci.control;

import com.google.gson.JsonObject;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.runtime.oci.control.Messages.Message;
import io.loomvisor.runtime.oci.control.ShellPipes.Asked;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sentry's side: takes requests one after the other. Whatever a verb sends, the loop goes on;
 * only root can send (the state directory is its).
 */
public final class ControlServer {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

  /** What the sandbox does with a request. */
  public interface Handler {
    /**
     * Both descriptors and the answers' socket are the handler's own.
     *
     * @param answers where to answer; the handler closes it
     * @param descriptors that came along
     */
    void handle(JsonObject request, int answers, int[] descriptors);

    /**
     * A request that has one answer and no descriptors.
     *
     * @param answer is told whether it was done: an object with "error" if not
     */
    void handle(JsonObject request, Consumer<JsonObject> answer);
  }

  private final int socket;
  private final ShellPipes pipes;
  private final Handler handler;
  private final Thread thread = Thread.ofPlatform().daemon().name("control").unstarted(this::serve);
  private volatile boolean stopped;

  public ControlServer(int socket, ShellPipes pipes, Handler handler) {
    this.socket = socket;
    this.pipes = pipes;
    this.handler = handler;
  }

  public void start() {
    thread.start();
  }

  /** Takes no requests any more. Not from its own thread. */
  public void stop() throws InterruptedException {
    stopped = true;
    DescriptorCalls.shutdown(socket); // ends its wait
    thread.join();
  }

  /** Closes the socket and the pipes; requests that are in them are lost, as whoever asked sees. */
  public void close() {
    DescriptorCalls.close(socket);
    pipes.close();
  }

  private void serve() {
    MemorySegment both = Arena.ofAuto().allocate(2 * StreamCalls.POLLFD_SIZE, 8);
    for (; ; ) {
      watch(both, 0, socket);
      watch(both, 1, pipes.requests());
      StreamCalls.poll(both, 2);
      if (stopped) {
        return;
      }
      if (ready(both, 0)) {
        message();
      }
      if (ready(both, 1)) {
        pipes.take().forEach(this::line);
      }
    }
  }

  // struct pollfd: int fd 0, short events 4, short revents 6.
  private static void watch(MemorySegment set, int index, int fd) {
    long at = (long) index * StreamCalls.POLLFD_SIZE;
    set.set(ValueLayout.JAVA_INT, at, fd);
    set.set(ValueLayout.JAVA_INT, at + 4, StreamCalls.POLLIN);
  }

  private static boolean ready(MemorySegment set, int index) {
    return set.get(ValueLayout.JAVA_SHORT, (long) index * StreamCalls.POLLFD_SIZE + 6) != 0;
  }

  private void message() {
    Message message = Messages.receive(socket);
    int[] fds = message.descriptors();
    if (message.json() == null || !message.json().has("verb") || fds.length == 0) {
      LOG.warn("A request without verb or without a place for the answer");
      Arrays.stream(fds).forEach(DescriptorCalls::close);
      return;
    }
    try {
      handler.handle(message.json(), fds[0], Arrays.copyOfRange(fds, 1, fds.length));
    } catch (RuntimeException e) {
      LOG.warn("Request {} failed", message.json().get("verb"), e);
    }
  }

  private void line(Asked asked) {
    try {
      handler.handle(asked.request(), answer -> pipes.answer(asked, !answer.has("error")));
    } catch (LinuxException e) {
      LOG.warn("The answer to {} cannot be told: {}", asked.name(), e.getMessage());
    }
  }
}
