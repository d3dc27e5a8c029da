package io.loomvisor.runtime.oci.verb;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The process that {@code exec} is to start: a process.json, or the container's own with changes.
 */
final class ProcessArguments {
  private static final List<String> SETS =
      List.of("bounding", "effective", "permitted", "inheritable");

  private ProcessArguments() {}

  static JsonObject process(Path directory, Arguments a) throws IOException {
    for (String flag : List.of("preserve-fds", "cgroup")) {
      if (a.value(flag) != null && !a.value(flag).equals("0")) {
        throw new RuntimeFailure("--" + flag + ": not supported");
      }
    }
    try {
      if (a.value("process") != null) {
        return parse(Files.readString(Path.of(a.value("process"))));
      }
      String config = Files.readString(directory.resolve(StateDirectory.CONFIG));
      JsonObject process = parse(config).getAsJsonObject("process");
      if (process == null) {
        throw new RuntimeFailure("the container has no process to take after: use --process");
      }
      change(process, a);
      return process;
    } catch (JsonParseException | IllegalStateException e) {
      throw new RuntimeFailure("process: not well-formed JSON: " + e.getMessage());
    }
  }

  private static JsonObject parse(String text) {
    return JsonParser.parseString(text).getAsJsonObject();
  }

  private static void change(JsonObject process, Arguments a) throws RuntimeFailure {
    List<String> command = a.rest().subList(1, a.rest().size());
    if (command.isEmpty()) {
      throw new RuntimeFailure("process args cannot be empty");
    }
    process.add("args", array(command));
    process.addProperty("terminal", a.has("tty"));
    if (a.value("cwd") != null) {
      process.addProperty("cwd", a.value("cwd"));
    }
    if (a.has("no-new-privs")) {
      process.addProperty("noNewPrivileges", true);
    }
    JsonArray env = process.has("env") ? process.getAsJsonArray("env") : new JsonArray();
    a.all("env").forEach(env::add);
    process.add("env", env);
    user(process, a);
    capabilities(process, a.all("cap"));
  }

  private static void user(JsonObject process, Arguments a) throws RuntimeFailure {
    JsonObject user = process.has("user") ? process.getAsJsonObject("user") : new JsonObject();
    if (a.value("user") != null) {
      String[] ids = a.value("user").split(":", 2);
      user.addProperty("uid", number(ids[0]));
      if (ids.length > 1) {
        user.addProperty("gid", number(ids[1]));
      }
    }
    if (!a.all("additional-gids").isEmpty()) {
      JsonArray gids = new JsonArray();
      for (String gid : a.all("additional-gids")) {
        gids.add(number(gid));
      }
      user.add("additionalGids", gids);
    }
    process.add("user", user);
  }

  private static long number(String id) throws RuntimeFailure {
    if (!id.matches("[0-9]{1,10}")) {
      throw new RuntimeFailure("not a user or group id: " + id);
    }
    return Long.parseLong(id);
  }

  private static void capabilities(JsonObject process, List<String> more) {
    if (more.isEmpty()) {
      return;
    }
    JsonObject sets =
        process.has("capabilities") ? process.getAsJsonObject("capabilities") : new JsonObject();
    for (String name : SETS) {
      JsonArray set = sets.has(name) ? sets.getAsJsonArray(name) : new JsonArray();
      more.forEach(set::add);
      sets.add(name, set);
    }
    process.add("capabilities", sets);
  }

  private static JsonArray array(List<String> strings) {
    JsonArray array = new JsonArray();
    strings.forEach(array::add);
    return array;
  }
}
