package io.loomvisor.runtime.cli;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/**
 * Docker's daemon.json as far as runtimes go. What else is in it stays as it is, in its order; a
 * file that is not understood is refused and not touched.
 */
final class DaemonConfig {
  private static final String RUNTIMES = "runtimes";
  private static final String DEFAULT = "default-runtime";
  private static final String PATH = "path";

  private final Path file;
  private final JsonObject settings;

  private DaemonConfig(Path file, JsonObject settings) {
    this.file = file;
    this.settings = settings;
  }

  /** A file that is missing or empty has no settings. */
  static DaemonConfig read(Path file) throws IOException {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      text = "";
    } catch (AccessDeniedException e) {
      throw new RuntimeFailure(file + ": permission denied: run this as root");
    }
    if (text.isBlank()) {
      return new DaemonConfig(file, new JsonObject());
    }
    JsonElement json;
    try {
      json = JsonParser.parseString(text);
    } catch (JsonParseException e) {
      throw new RuntimeFailure(
          file
              + ": not well-formed JSON, left as it is: "
              + e.getMessage().lines().findFirst().get());
    }
    if (!json.isJsonObject()) {
      throw new RuntimeFailure(file + ": not an object, left as it is");
    }
    JsonElement runtimes = json.getAsJsonObject().get(RUNTIMES);
    if (runtimes != null && !runtimes.isJsonObject()) {
      throw new RuntimeFailure(file + ": runtimes: not an object, left as it is");
    }
    return new DaemonConfig(file, json.getAsJsonObject());
  }

  /** The path of runtime {@code name}; null if there is no such runtime. */
  String path(String name) {
    JsonObject runtimes = settings.getAsJsonObject(RUNTIMES);
    JsonElement runtime = runtimes == null ? null : runtimes.get(name);
    if (runtime == null) {
      return null;
    }
    boolean known = runtime.isJsonObject() && runtime.getAsJsonObject().has(PATH);
    return known ? runtime.getAsJsonObject().get(PATH).getAsString() : runtime.toString();
  }

  boolean isDefault(String name) {
    JsonElement d = settings.get(DEFAULT);
    return d != null && d.isJsonPrimitive() && d.getAsString().equals(name);
  }

  void put(String name, String path) {
    JsonObject runtimes = settings.getAsJsonObject(RUNTIMES);
    if (runtimes == null) {
      runtimes = new JsonObject();
      settings.add(RUNTIMES, runtimes);
    }
    JsonObject runtime = new JsonObject();
    runtime.addProperty(PATH, path);
    runtimes.add(name, runtime);
  }

  void remove(String name) {
    JsonObject runtimes = settings.getAsJsonObject(RUNTIMES);
    runtimes.remove(name);
    if (runtimes.isEmpty()) {
      settings.remove(RUNTIMES);
    }
    if (isDefault(name)) {
      settings.remove(DEFAULT);
    }
  }

  /** Replaces the file as a whole; who may read it stays as it was. */
  void write() throws IOException {
    Path real = Files.exists(file) ? file.toRealPath() : file;
    String text =
        new GsonBuilder()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .serializeNulls()
            .create()
            .toJson(settings);
    try {
      Files.createDirectories(real.toAbsolutePath().getParent());
      Set<PosixFilePermission> permissions =
          Files.exists(real) ? Files.getPosixFilePermissions(real) : null;
      StateDirectory.writeAtomically(real, text + "\n");
      if (permissions != null) {
        Files.setPosixFilePermissions(real, permissions);
      }
    } catch (AccessDeniedException e) {
      throw new RuntimeFailure(file + ": permission denied: run this as root");
    }
  }
}
