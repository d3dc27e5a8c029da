package io.loomvisor.runtime.oci.verb;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What {@code debug} prints for people. */
final class DebugText {
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS_PER_MICRO = 1e3;

  private final Map<String, JsonArray> answers;
  private final StringBuilder out = new StringBuilder();

  DebugText(Map<String, JsonArray> answers) {
    this.answers = answers;
  }

  /**
   * The parts that {@code wanted} says.
   *
   * @param parts all that there can be
   */
  String text(Set<String> parts, Predicate<String> wanted) {
    for (String part : parts) {
      if (wanted.test(part)) {
        out.append(out.isEmpty() ? "" : "\n");
        switch (part) {
          case "tasks" -> tasks();
          case "stacks" -> stacks();
          case "mounts" -> mounts();
          default -> counters();
        }
      }
    }
    return out.toString();
  }

  private void line(String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
  }

  private Iterable<JsonElement> items(String name) {
    return answers.getOrDefault(name, new JsonArray());
  }

  private static String text(JsonObject o, String name) {
    JsonElement e = o.get(name);
    return e == null || e.isJsonNull() ? "-" : printable(e.getAsString());
  }

  /** Names are the application's: nothing that a terminal obeys. */
  private static String printable(String text) {
    return text.replaceAll("[^\\x20-\\x7e]", "?");
  }

  private void tasks() {
    String format = "%7s %7s %7s %1s %-15s %10s %10s %-20s %s";
    line(format, "TID", "PID", "PPID", "S", "COMMAND", "USER ms", "SYS ms", "CALL", "WAITS IN");
    for (JsonElement e : items("task")) {
      JsonObject o = e.getAsJsonObject();
      line(
          format,
          text(o, "tid"),
          text(o, "pid"),
          text(o, "ppid"),
          text(o, "state"),
          text(o, "command"),
          millis(o, "userNanos"),
          millis(o, "systemNanos"),
          text(o, "call"),
          text(o, "waits"));
    }
  }

  private static String millis(JsonObject o, String name) {
    return String.format(Locale.ROOT, "%.1f", o.get(name).getAsLong() / NANOS_PER_MILLI);
  }

  private void stacks() {
    for (JsonElement e : items("stack")) {
      JsonObject o = e.getAsJsonObject();
      String command = o.has("command") ? " (" + text(o, "command") + ")" : "";
      line("%s%s %s", text(o, "thread"), command, text(o, "state"));
      o.getAsJsonArray("frames").forEach(f -> line("    %s", f.getAsString()));
    }
  }

  private void mounts() {
    String last = "0";
    for (JsonElement e : items("mount")) {
      JsonObject o = e.getAsJsonObject();
      String namespace = text(o, "namespace");
      if (!namespace.equals(last)) {
        line("another namespace:");
        last = namespace;
      }
      line("%s", text(o, "line"));
    }
  }

  private void counters() {
    sums("SYSTEM CALL", "call");
    sums("GOFER REQUEST", "goferRequest");
    JsonObject others = answers.get("counters").get(0).getAsJsonObject();
    others.entrySet().forEach(c -> line("%-24s %12s", c.getKey(), c.getValue().getAsString()));
  }

  private void sums(String title, String name) {
    line("%-24s %12s %14s %14s", title, "COUNT", "TOTAL ms", "MEAN us");
    for (JsonElement e : items(name)) {
      JsonObject o = e.getAsJsonObject();
      long count = o.get("count").getAsLong();
      double nanos = o.get("nanos").getAsLong();
      double mean = count == 0 ? 0 : nanos / NANOS_PER_MICRO / count;
      line("%-24s %12d %14.1f %14.1f", text(o, "name"), count, nanos / NANOS_PER_MILLI, mean);
    }
    out.append('\n');
  }
}
