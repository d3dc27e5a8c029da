package io.loomvisor.runtime.boot;

import ch.qos.logback.classic.Level;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.kernel.Kernel;
import io.loomvisor.kernel.debug.Counters;
import io.loomvisor.kernel.debug.TaskDump;
import io.loomvisor.kernel.strace.Strace;
import io.loomvisor.runtime.oci.control.Messages;
import io.loomvisor.vfs.mount.MountNamespace;
import io.loomvisor.vfs.proc.MountsText;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the verb {@code debug} asks of the sentry. Each request is served on a thread of its own, so
 * that a caller who does not read holds nobody up; its answer is one message for each thing that
 * there is, as messages are short, and one that says that there are no more.
 */
final class DebugAnswers {
  /** Of one thread; deeper ones are cut. */
  private static final int MOST_FRAMES = 256;

  private final Kernel kernel;
  private final GoferClient gofer;

  DebugAnswers(Kernel kernel, GoferClient gofer) {
    this.kernel = kernel;
    this.gofer = gofer;
  }

  /** Takes {@code answers} over. */
  void serve(JsonObject request, int answers) {
    Thread.ofPlatform().daemon().name("debug").start(() -> answer(request, answers));
  }

  private void answer(JsonObject request, int answers) {
    try {
      change(request);
      for (String part : new String[] {"tasks", "stacks", "mounts", "counters"}) {
        if (request.has(part)) {
          switch (part) {
            case "tasks" -> tasks(answers);
            case "stacks" -> stacks(answers);
            case "mounts" -> mounts(answers);
            default -> counters(answers);
          }
        }
      }
      send(answers, "end", new JsonObject());
    } catch (LinuxException e) {
      LoggerFactory.getLogger(DebugAnswers.class).debug("debug: who asked has gone", e);
    } catch (RuntimeException e) {
      refuse(answers, e);
    } finally {
      DescriptorCalls.close(answers);
    }
  }

  /** Whoever asked may have gone. */
  private static void refuse(int answers, RuntimeException e) {
    try {
      Messages.send(answers, Messages.error(e.getMessage()));
    } catch (LinuxException gone) {
      assert gone.errno() != null;
    }
  }

  private static void send(int answers, String part, JsonObject item) {
    JsonObject message = new JsonObject();
    message.add(part, item);
    Messages.send(answers, message);
  }

  private void change(JsonObject request) {
    if (request.has("strace")) {
      boolean on = request.get("strace").getAsBoolean();
      if (on != kernel.callTrace().on()) {
        kernel.callTrace().set(on ? strace() : null);
      }
    }
    if (request.has("logLevel")) {
      Level level = Level.toLevel(request.get("logLevel").getAsString(), null);
      if (level == null) {
        throw new IllegalArgumentException("no log level " + request.get("logLevel"));
      }
      Logger root = LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
      ((ch.qos.logback.classic.Logger) root).setLevel(level);
    }
  }

  /** To the sandbox's log, whatever its level. */
  static Strace strace() {
    Logger log = LoggerFactory.getLogger("strace");
    ((ch.qos.logback.classic.Logger) log).setLevel(Level.WARN);
    return new Strace(log::warn);
  }

  private void tasks(int answers) {
    for (TaskDump t : TaskDump.all(kernel.processes())) {
      JsonObject o = new JsonObject();
      o.addProperty("tid", t.tid());
      o.addProperty("pid", t.pid());
      o.addProperty("ppid", t.parent());
      o.addProperty("command", t.command());
      o.addProperty("state", String.valueOf(t.state()));
      o.addProperty("call", t.call());
      o.addProperty("waits", t.place());
      o.addProperty("userNanos", t.userNanos());
      o.addProperty("systemNanos", t.systemNanos());
      send(answers, "task", o);
    }
  }

  private void stacks(int answers) {
    for (TaskDump t : TaskDump.all(kernel.processes())) {
      JsonObject o = stack("task-" + t.tid(), String.valueOf(t.state()), t.stack());
      o.addProperty("command", t.command());
      send(answers, "stack", o);
    }
    Map<Thread, StackTraceElement[]> threads = Thread.getAllStackTraces();
    threads.keySet().stream()
        .sorted(Comparator.comparing(Thread::getName))
        .map(t -> stack(t.getName(), t.getState().name(), threads.get(t)))
        .forEach(o -> send(answers, "stack", o));
  }

  private static JsonObject stack(String name, String state, StackTraceElement[] stack) {
    JsonObject o = new JsonObject();
    o.addProperty("thread", name);
    o.addProperty("state", state);
    JsonArray frames = new JsonArray();
    Arrays.stream(stack).limit(MOST_FRAMES).map(Object::toString).forEach(frames::add);
    o.add("frames", frames);
    return o;
  }

  /** Each mount namespace that a task is in, in the order of its lowest task. */
  private void mounts(int answers) {
    Map<MountNamespace, Integer> seen = new IdentityHashMap<>();
    Map<Integer, String> text = new HashMap<>();
    kernel.processes().allTasks().stream()
        .filter(t -> !t.ended())
        .sorted(Comparator.comparingInt(t -> t.threadId()))
        .forEach(
            t -> {
              MountNamespace namespace = t.fileSystem().namespace();
              if (seen.putIfAbsent(namespace, seen.size()) == null) {
                text.put(seen.size() - 1, MountsText.mountinfo(namespace, kernel.fileTree()));
              }
            });
    for (int i = 0; i < text.size(); i++) {
      for (String line : text.get(i).split("\n")) {
        JsonObject o = new JsonObject();
        o.addProperty("namespace", i);
        o.addProperty("line", line);
        send(answers, "mount", o);
      }
    }
  }

  private void counters(int answers) {
    for (Counters.CallCount c : kernel.counters().calls()) {
      send(answers, "call", count(c.name(), c.count(), c.nanos()));
    }
    gofer
        .counts()
        .byKind()
        .forEach((kind, c) -> send(answers, "goferRequest", count(kind, c.count(), c.nanos())));
    JsonObject others = new JsonObject();
    kernel.counters().others().forEach(others::addProperty);
    send(answers, "counters", others);
  }

  private static JsonObject count(String name, long count, long nanos) {
    JsonObject o = new JsonObject();
    o.addProperty("name", name);
    o.addProperty("count", count);
    o.addProperty("nanos", nanos);
    return o;
  }
}
