package io.loomvisor.runtime.oci.state;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.loomvisor.runtime.host.HostProcess;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A container as the verbs know it.
 *
 * @param phase what the verbs have done with it; {@link #status} is what has become of it
 * @param pid of the sentry; 0 before there is one
 * @param startTime of that process, so that another with the same pid is not taken for it
 * @param created RFC 3339
 */
public record ContainerState(
    String id,
    Phase phase,
    int pid,
    long startTime,
    String bundle,
    String rootfs,
    String created,
    String owner,
    Map<String, String> annotations) {
  /** What the verbs have done. */
  public enum Phase {
    CREATING,
    CREATED,
    STARTED,
    PAUSED
  }

  public static final String STOPPED = "stopped";
  public static final String RUNNING = "running";
  public static final String CREATED = "created";
  public static final String PAUSED = "paused";
  public static final String OCI_VERSION = "1.2.0";

  /** As the specification names it. A container whose process has ended is stopped. */
  public String status() throws IOException {
    if (pid == 0 || HostProcess.startTime(pid) != startTime) {
      return phase == Phase.CREATING && pid == 0 ? "creating" : STOPPED;
    }
    return switch (phase) {
      case CREATING -> "creating";
      case CREATED -> CREATED;
      case STARTED -> RUNNING;
      case PAUSED -> PAUSED;
    };
  }

  public ContainerState with(Phase next) {
    return new ContainerState(
        id, next, pid, startTime, bundle, rootfs, created, owner, annotations);
  }

  public ContainerState with(int newPid, long newStartTime) {
    return new ContainerState(
        id, phase, newPid, newStartTime, bundle, rootfs, created, owner, annotations);
  }

  /** As {@code state} prints it and hooks get it: the specification's, and what runc adds. */
  public JsonObject json() throws IOException {
    String status = status();
    JsonObject o = new JsonObject();
    o.addProperty("ociVersion", OCI_VERSION);
    o.addProperty("id", id);
    o.addProperty("pid", status.equals(STOPPED) ? 0 : pid);
    o.addProperty("status", status);
    o.addProperty("bundle", bundle);
    o.addProperty("rootfs", rootfs);
    o.addProperty("created", created);
    if (!annotations.isEmpty()) {
      JsonObject map = new JsonObject();
      annotations.forEach(map::addProperty);
      o.add("annotations", map);
    }
    o.addProperty("owner", owner);
    return o;
  }

  /** For the state file. */
  String text() {
    JsonObject o = new JsonObject();
    o.addProperty("id", id);
    o.addProperty("phase", phase.name());
    o.addProperty("pid", pid);
    o.addProperty("startTime", startTime);
    o.addProperty("bundle", bundle);
    o.addProperty("rootfs", rootfs);
    o.addProperty("created", created);
    o.addProperty("owner", owner);
    JsonObject map = new JsonObject();
    annotations.forEach(map::addProperty);
    o.add("annotations", map);
    return o.toString();
  }

  static ContainerState parse(String text) {
    JsonObject o = JsonParser.parseString(text).getAsJsonObject();
    Map<String, String> annotations = new LinkedHashMap<>();
    o.getAsJsonObject("annotations")
        .entrySet()
        .forEach(e -> annotations.put(e.getKey(), e.getValue().getAsString()));
    return new ContainerState(
        o.get("id").getAsString(),
        Phase.valueOf(o.get("phase").getAsString()),
        o.get("pid").getAsInt(),
        o.get("startTime").getAsLong(),
        o.get("bundle").getAsString(),
        o.get("rootfs").getAsString(),
        o.get("created").getAsString(),
        o.get("owner").getAsString(),
        annotations);
  }
}
