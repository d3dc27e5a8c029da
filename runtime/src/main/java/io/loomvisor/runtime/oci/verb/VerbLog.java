package io.loomvisor.runtime.oci.verb;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What a verb has to say, for the program that called it (--log) and for people. */
final class VerbLog {
  private final GlobalOptions options;

  VerbLog(GlobalOptions options) {
    this.options = options;
  }

  /** The reason why the verb failed: containerd-shim-runc-v2 shows the last such line's msg. */
  void error(String message) {
    System.err.println("loomvisor: " + message);
    write("error", message);
  }

  void warning(String message) {
    write("warning", message);
  }

  private void write(String level, String message) {
    if (options.log() == null) {
      return;
    }
    String time = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    String line;
    if (options.json()) {
      JsonObject o = new JsonObject();
      o.addProperty("level", level);
      o.addProperty("msg", message);
      o.addProperty("time", time);
      line = o.toString();
    } else {
      line =
          "time=\"" + time + "\" level=" + level + " msg=\"" + message.replace("\"", "\\\"") + "\"";
    }
    try {
      Files.writeString(
          options.log(), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      System.err.println("loomvisor: cannot write to " + options.log() + ": " + e.getMessage());
    }
  }
}
