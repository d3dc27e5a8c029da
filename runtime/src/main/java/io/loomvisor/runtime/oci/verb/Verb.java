package io.loomvisor.runtime.oci.verb;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

/** The verbs, their flags, and who does them. */
enum Verb {
  CREATE(
      Set.of("bundle", "console-socket", "pid-file", "preserve-fds", "pidfd-socket"),
      Set.of("no-pivot", "no-new-keyring"),
      Map.of("b", "bundle"),
      Creation::create),
  START(Set.of(), Set.of(), Map.of(), Lifecycle::start),
  RUN(
      Set.of("bundle", "console-socket", "pid-file", "preserve-fds", "pidfd-socket"),
      Set.of("no-pivot", "no-new-keyring", "detach", "no-subreaper", "keep"),
      Map.of("b", "bundle", "d", "detach"),
      Creation::run),
  STATE(Set.of(), Set.of(), Map.of(), Inspection::state),
  KILL(Set.of(), Set.of("all"), Map.of("a", "all"), Lifecycle::kill),
  DELETE(Set.of(), Set.of("force"), Map.of("f", "force"), Deletion::delete),
  EXEC(
      Set.of(
          "console-socket",
          "cwd",
          "env",
          "user",
          "additional-gids",
          "process",
          "pid-file",
          "process-label",
          "apparmor",
          "cap",
          "preserve-fds",
          "cgroup",
          "pidfd-socket"),
      Set.of("tty", "detach", "no-new-privs", "ignore-paused"),
      Map.of(
          "e",
          "env",
          "t",
          "tty",
          "u",
          "user",
          "g",
          "additional-gids",
          "p",
          "process",
          "d",
          "detach",
          "c",
          "cap"),
      Execution::exec),
  PS(Set.of("format"), Set.of(), Map.of("f", "format"), Inspection::ps),
  LIST(Set.of("format"), Set.of("quiet"), Map.of("f", "format", "q", "quiet"), Inspection::list),
  EVENTS(Set.of("interval"), Set.of("stats"), Map.of(), Statistics::events),
  DEBUG(
      Set.of("strace", "log-level"),
      Set.of("tasks", "stacks", "mounts", "counters", "json", "help"),
      Map.of("h", "help"),
      Debugging::debug),
  PAUSE(Set.of(), Set.of(), Map.of(), Lifecycle::pause),
  RESUME(Set.of(), Set.of(), Map.of(), Lifecycle::resume),
  UPDATE(
      Set.of(
          "resources",
          "memory",
          "memory-reservation",
          "memory-swap",
          "cpu-period",
          "cpu-quota",
          "cpu-share",
          "cpuset-cpus",
          "cpuset-mems",
          "pids-limit"),
      Set.of(),
      Map.of("r", "resources"),
      Statistics::update),
  SPEC(Set.of("bundle"), Set.of("rootless"), Map.of("b", "bundle"), Template::spec),
  FEATURES(Set.of(), Set.of(), Map.of(), Template::features),
  /** Started by {@code exec --detach}: stands for the process on the host. */
  EXEC_WAIT(Set.of("directory", "process", "sync-fd"), Set.of(), Map.of(), Execution::stand),
  /** Started by {@code create}: stands for a container in another's sandbox on the host. */
  JOIN_WAIT(
      Set.of("directory", "bundle", "sandbox"),
      Set.of("share-names", "share-ipc"),
      Map.of(),
      JoinedProcess::stand);

  /** What a verb does; the exit status. */
  interface Action {
    int run(GlobalOptions options, Arguments arguments) throws IOException, InterruptedException;
  }

  private final Set<String> withValue;
  private final Set<String> without;
  private final Map<String, String> aliases;
  private final Action action;

  Verb(Set<String> withValue, Set<String> without, Map<String, String> aliases, Action action) {
    this.withValue = withValue;
    this.without = without;
    this.aliases = aliases;
    this.action = action;
  }

  /** Null if there is none. */
  static Verb find(String name) {
    for (Verb v : values()) {
      if (v.verbName().equals(name)) {
        return v;
      }
    }
    return null;
  }

  String verbName() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  Set<String> withValue() {
    return withValue;
  }

  Set<String> without() {
    return without;
  }

  Map<String, String> aliases() {
    return aliases;
  }

  int run(GlobalOptions options, Arguments arguments) throws IOException, InterruptedException {
    return action.run(options, arguments);
  }
}
