package io.loomvisor.runtime.boot;

import com.google.gson.JsonObject;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.kernel.Kernel;
import io.loomvisor.runtime.oci.control.Messages;
import io.loomvisor.runtime.oci.spec.ConfigException;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;

/**
 * A process that {@code exec} has started, and the verb at the other end of {@code answers}, which
 * stands for it on the host: its signals go to the process, the process's end to it. If the verb
 * dies, so does the process.
 */
final class ExecutedProcess {
  private final Kernel kernel;
  private final ThreadGroup group;
  private final StandardStreams streams;
  private final int answers;

  private ExecutedProcess(Kernel kernel, ThreadGroup group, StandardStreams streams, int answers) {
    this.kernel = kernel;
    this.group = group;
    this.streams = streams;
    this.answers = answers;
  }

  /** Takes {@code answers} over once it has started. */
  static void start(Kernel kernel, ContainerProcess process, StandardStreams streams, int answers)
      throws ConfigException {
    ThreadGroup group = process.start(streams);
    ExecutedProcess executed = new ExecutedProcess(kernel, group, streams, answers);
    JsonObject begun = new JsonObject();
    begun.addProperty("pid", group.id());
    tell(answers, begun);
    Thread.ofPlatform().daemon().name("exec-" + group.id()).start(executed::await);
    Thread.ofPlatform().daemon().name("exec-signals-" + group.id()).start(executed::listen);
  }

  private void await() {
    try {
      int status = SandboxKernel.await(group);
      streams.close();
      JsonObject end = new JsonObject();
      end.addProperty("exit", status);
      tell(answers, end);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      DescriptorCalls.shutdown(answers); // ends the listener, which closes the descriptor
    }
  }

  private void listen() {
    try {
      for (JsonObject m = next(); m != null; m = next()) {
        if (m.has("signal")) {
          send(m.get("signal").getAsInt());
        } else if (m.has("resize")) {
          streams.resized();
        }
      }
      send(Signal.SIGKILL);
    } finally {
      DescriptorCalls.close(answers);
    }
  }

  private JsonObject next() {
    return Messages.receive(answers).json();
  }

  private void send(int signal) {
    SignalInfo info = SignalInfo.from(signal, SignalInfo.SI_USER, 0, 0, 0);
    kernel.processes().send(group, info, null);
  }

  private static void tell(int answers, JsonObject message) {
    try {
      Messages.send(answers, message);
    } catch (LinuxException e) {
      // The verb has died: the listener sees the end of the connection.
      assert e.errno() != null;
    }
  }
}
