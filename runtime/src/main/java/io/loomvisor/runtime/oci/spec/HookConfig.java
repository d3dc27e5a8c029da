package io.loomvisor.runtime.oci.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A program of the host that the runtime runs at a point of a container's life.
 *
 * @param args argv, from argv[0] on
 * @param timeout in seconds; 0 for none
 */
public record HookConfig(String path, List<String> args, Map<String, String> env, int timeout) {
  static List<HookConfig> list(JsonView hooks, String kind) throws ConfigException {
    List<HookConfig> all = new ArrayList<>();
    for (JsonView h : hooks.children(kind)) {
      String path = h.string("path");
      if (!path.startsWith("/")) {
        throw new ConfigException(h.place("path") + ": not an absolute path");
      }
      if (h.has("timeout") && h.integer("timeout", 0) <= 0) {
        throw new ConfigException(h.place("timeout") + ": not above zero");
      }
      List<String> args = h.strings("args");
      Map<String, String> env = new LinkedHashMap<>();
      for (String e : h.strings("env")) {
        int equals = e.indexOf('=');
        env.put(equals < 0 ? e : e.substring(0, equals), equals < 0 ? "" : e.substring(equals + 1));
      }
      all.add(
          new HookConfig(
              path, args.isEmpty() ? List.of(path) : args, env, h.integer("timeout", 0)));
    }
    return all;
  }
}
