package io.loomvisor.runtime.boot;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.kernel.Kernel;
import io.loomvisor.runtime.oci.control.ControlServer;
import io.loomvisor.runtime.oci.control.Messages;
import io.loomvisor.runtime.oci.spec.ConfigException;
import io.loomvisor.runtime.oci.spec.ProcessConfig;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.seccomp.SeccompState;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import io.loomvisor.vfs.host.HostStreams;
import io.loomvisor.vfs.mount.MountNamespace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * What verbs ask of a running container. Requests come one at a time, from {@link ControlServer}'s
 * thread; each process that {@code exec} starts has a thread that waits for its end.
 */
final class ContainerControl implements ControlServer.Handler {
  private static final int STREAMS = 3;
  private static final int LAST_SIGNAL = 64;
  private static final int KILLED = 128;
  private static final int FAILED = 1;

  private final Kernel kernel;
  private final MountNamespace mounts;
  private final HostStreams host;
  private final ContainerProcess first;
  private final StandardStreams streams;
  private final SeccompState filters;
  private final DebugAnswers debug;
  private final FurtherContainers further;
  private final IntConsumer leave;
  private final CompletableFuture<ThreadGroup> started = new CompletableFuture<>();

  /** Sockets of verbs that wait for the end of it, which is when these are closed. */
  private final Queue<Integer> awaitingEnd = new ConcurrentLinkedQueue<>();

  /**
   * @param first null if the container has no process to start
   * @param filters of further processes
   * @param further null if no other container can be put beside it
   * @param leave what ends the container, with a status, before its process has been started
   */
  ContainerControl(
      Kernel kernel,
      MountNamespace mounts,
      HostStreams host,
      ContainerProcess first,
      StandardStreams streams,
      SeccompState filters,
      DebugAnswers debug,
      FurtherContainers further,
      IntConsumer leave) {
    this.further = further;
    this.leave = leave;
    this.debug = debug;
    this.filters = filters;
    this.kernel = kernel;
    this.mounts = mounts;
    this.host = host;
    this.first = first;
    this.streams = streams;
  }

  /** Its first process; null if it is not going to be started ({@link #abandon}). */
  ThreadGroup awaitStart() {
    return started.join();
  }

  /** Ends {@link #awaitStart}, unless it has been started. */
  void abandon() {
    started.complete(null);
  }

  /** Nothing can be started any more. Processes that have been are killed by who says so. */
  void filesLost() {
    if (!started.isDone()) {
      leave.accept(FAILED);
    }
  }

  /** Nothing is left of it: whoever waits for that sees it. For one in another's sandbox. */
  void gone() {
    awaitingEnd.forEach(DescriptorCalls::close);
  }

  /** The container's first process has ended. */
  void end() {
    streams.close();
  }

  @Override
  public void handle(JsonObject request, int answers, int[] descriptors) {
    boolean kept = false;
    try {
      switch (request.get("verb").getAsString()) {
        case "exec" -> {
          exec(request, answers, descriptors);
          kept = true;
        }
        case "debug" -> {
          Arrays.stream(descriptors).forEach(DescriptorCalls::close);
          debug.serve(request, answers);
          kept = true;
        }
        case "join" -> {
          if (further == null) {
            throw new ConfigException("this container is in another's sandbox itself");
          }
          further.join(request, answers, descriptors);
          kept = true;
        }
        case "end" -> {
          if (further != null) {
            throw new ConfigException("a sandbox ends by SIGKILL");
          }
          awaitingEnd.add(answers);
          kept = true;
          signal(Signal.SIGKILL);
        }
        default -> handle(request, answer -> Messages.send(answers, answer));
      }
    } catch (ConfigException | RuntimeException e) {
      refuse(answers, e);
    } finally {
      if (!kept) {
        DescriptorCalls.close(answers);
        Arrays.stream(descriptors).forEach(DescriptorCalls::close);
      }
    }
  }

  /** Whoever asked may have gone. */
  private static void refuse(int answers, Exception e) {
    String about = "unable to start container process: ";
    try {
      Messages.send(answers, Messages.error(about + e.getMessage()));
    } catch (LinuxException gone) {
      assert gone.errno() != null;
    }
  }

  @Override
  public void handle(JsonObject request, Consumer<JsonObject> answer) {
    try {
      switch (request.get("verb").getAsString()) {
        case "start" -> start(answer);
        case "kill" -> kill(request, answer);
        case "ps" -> processes(answer);
        case "limit" -> limit(request, answer);
        case String verb -> throw new ConfigException("no request " + verb);
      }
    } catch (ConfigException | RuntimeException e) {
      answer.accept(Messages.error(e.getMessage()));
    }
  }

  private void start(Consumer<JsonObject> answer) throws ConfigException {
    if (first == null) {
      throw new ConfigException("process: missing: there is nothing to start");
    }
    if (started.isDone()) {
      throw new ConfigException("the container is running already");
    }
    ThreadGroup group = first.start(streams);
    try {
      answer.accept(new JsonObject());
    } finally {
      if (!started.complete(group)) { // whoever asked may have gone: it runs all the same
        kernel.killAll(); // abandoned meanwhile
      }
    }
  }

  private void kill(JsonObject request, Consumer<JsonObject> answer) throws ConfigException {
    int signal = request.get("signal").getAsInt();
    if (signal < 0 || signal > LAST_SIGNAL) {
      throw new ConfigException("no signal " + signal);
    }
    if (!started.isDone()) {
      answer.accept(new JsonObject());
      leave.accept(KILLED + signal);
      return;
    }
    boolean all = request.has("all") && request.get("all").getAsBoolean();
    if (all) {
      kernel.processes().groups(g -> true).forEach(g -> send(g, signal));
    } else {
      send(started.join(), signal);
    }
    answer.accept(new JsonObject());
  }

  /** To the first process; ends the container if there is none yet. */
  void signal(int signal) {
    if (started.isDone()) {
      send(started.join(), signal);
    } else {
      leave.accept(KILLED + signal);
    }
  }

  /** From outside of the sandbox: pid 0, as with a sender in another PID namespace. */
  private void send(ThreadGroup target, int signal) {
    if (signal != 0 && target != null) {
      SignalInfo info = SignalInfo.from(signal, SignalInfo.SI_USER, 0, 0, 0);
      kernel.processes().send(target, info, null);
    }
  }

  private void processes(Consumer<JsonObject> answer) {
    JsonArray pids = new JsonArray();
    kernel.processes().pids().forEach(pids::add);
    JsonObject list = new JsonObject();
    list.add("pids", pids);
    answer.accept(list);
  }

  private void limit(JsonObject request, Consumer<JsonObject> answer) {
    kernel.taskLimits().limitContainer(request.get("pids").getAsLong());
    answer.accept(new JsonObject());
  }

  private void exec(JsonObject request, int answers, int[] descriptors) throws ConfigException {
    if (!started.isDone() || started.join() == null) {
      throw new ConfigException("the container is not running");
    }
    if (descriptors.length != STREAMS) {
      throw new ConfigException("exec without its three streams");
    }
    List<String> names = new ArrayList<>();
    for (JsonElement e : request.getAsJsonArray("names")) {
      names.add(e.getAsString());
    }
    ProcessConfig config = ProcessConfig.parse(request.get("process"));
    ContainerProcess process = ContainerProcess.prepare(kernel, mounts, config, filters);
    StandardStreams own =
        new StandardStreams(
            kernel,
            mounts,
            config.credentials(),
            host.further(descriptors, names),
            config.terminal());
    Arrays.fill(descriptors, -1); // they are the streams' now
    own.openForeign();
    ExecutedProcess.start(kernel, process, own, answers);
  }
}
