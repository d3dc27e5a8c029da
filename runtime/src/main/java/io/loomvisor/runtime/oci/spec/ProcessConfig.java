package io.loomvisor.runtime.oci.spec;

import com.google.gson.JsonElement;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.vfs.Credentials;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A process of a container: {@code process} of config.json, or process.json. Strings for the
 * application are bytes, one ISO 8859-1 character each.
 *
 * @param rows of a new terminal; 0 for the default
 * @param limits by RLIMIT_ number
 * @param notices what is not done and said so instead of refused
 */
public record ProcessConfig(
    boolean terminal,
    int rows,
    int columns,
    List<String> args,
    List<String> env,
    String cwd,
    Credentials credentials,
    int umask,
    Map<Integer, ResourceLimits.Limit> limits,
    Integer oomScoreAdj,
    List<String> notices) {
  private static final int DEFAULT_UMASK = 022;

  /** From the text of a process.json. */
  public static ProcessConfig parse(String text) throws ConfigException {
    return of(JsonView.parse(text, ""));
  }

  public static ProcessConfig parse(JsonElement json) throws ConfigException {
    return of(JsonView.of(json, "process"));
  }

  static ProcessConfig of(JsonView p) throws ConfigException {
    p.refuse("scheduler", "ioPriority", "execCPUAffinity", "commandLine");
    List<String> args = p.strings("args").stream().map(JsonView::bytes).toList();
    if (args.isEmpty()) {
      throw new ConfigException(p.place("args") + ": must not be empty");
    }
    String cwd = p.string("cwd");
    if (!cwd.startsWith("/")) {
      throw new ConfigException(p.place("cwd") + ": not an absolute path");
    }
    List<String> notices = new ArrayList<>();
    for (String ignored : List.of("apparmorProfile", "selinuxLabel")) {
      if (!p.string(ignored, "").isEmpty()) {
        notices.add(p.place(ignored) + ": has no effect in the sandbox");
      }
    }
    JsonView size = p.child("consoleSize");
    return new ProcessConfig(
        p.flag("terminal"),
        size.integer("height", 0),
        size.integer("width", 0),
        args,
        p.strings("env").stream().map(JsonView::bytes).toList(),
        JsonView.bytes(cwd),
        credentials(p),
        p.child("user").integer("umask", DEFAULT_UMASK),
        limits(p),
        p.has("oomScoreAdj") ? p.integer("oomScoreAdj", 0) : null,
        notices);
  }

  private static Credentials credentials(JsonView p) throws ConfigException {
    JsonView user = p.child("user");
    int[] groups = user.integers("additionalGids").stream().mapToInt(Integer::intValue).toArray();
    JsonView sets = p.child("capabilities");
    Credentials plain =
        Credentials.of(user.integer("uid", 0), user.integer("gid", 0), groups)
            .withCapabilities(
                capabilities(sets, "permitted"),
                capabilities(sets, "effective"),
                capabilities(sets, "inheritable"),
                capabilities(sets, "bounding"),
                capabilities(sets, "ambient"));
    return p.flag("noNewPrivileges") ? plain.withNoNewPrivileges() : plain;
  }

  private static long capabilities(JsonView sets, String name) throws ConfigException {
    long set = 0;
    for (String capability : sets.strings(name)) {
      int number = CapabilityName.number(capability);
      if (number < 0) {
        throw new ConfigException(sets.place(name) + ": no capability " + capability);
      }
      set |= 1L << number;
    }
    return set;
  }

  private static Map<Integer, ResourceLimits.Limit> limits(JsonView p) throws ConfigException {
    Map<Integer, ResourceLimits.Limit> limits = new TreeMap<>();
    for (JsonView l : p.children("rlimits")) {
      String type = l.string("type");
      int number = RlimitName.number(type);
      if (number < 0) {
        throw new ConfigException(l.place("type") + ": no limit " + type);
      }
      ResourceLimits.Limit limit =
          new ResourceLimits.Limit(l.number("soft", 0), l.number("hard", 0));
      if (limits.put(number, limit) != null) {
        throw new ConfigException(l.place("type") + ": " + type + " appears twice");
      }
    }
    return limits;
  }
}
