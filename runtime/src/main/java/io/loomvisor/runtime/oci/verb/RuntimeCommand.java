package io.loomvisor.runtime.oci.verb;

import io.loomvisor.runtime.oci.state.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;

/** The command line that container engines call: {@code loomvisor [OPTION...] VERB ...}. */
public final class RuntimeCommand {
  /** runc's status for any failure of its own. */
  static final int FAILED = 1;

  private static final String VERSION = "0.1.0";
  private static final Set<String> WITH_VALUE =
      Set.of("root", "log", "log-format", "criu", "rootless", "platform");
  private static final Set<String> WITHOUT =
      Set.of("debug", "systemd-cgroup", "version", "no-lock");

  private RuntimeCommand() {}

  /** Null if {@code args} are none of a container engine's. */
  public static Callable<Integer> of(String[] args) {
    int first = 0;
    while (first < args.length && args[first].startsWith("-")) {
      String name = args[first].replaceFirst("^--?", "");
      first += WITH_VALUE.contains(name) ? 2 : 1;
    }
    first = Math.min(first, args.length);
    Set<String> asksVersion = Set.of("--version", "-version", "-v");
    boolean version = Arrays.stream(args).limit(first).anyMatch(asksVersion::contains);
    boolean verb = first < args.length && Verb.find(args[first]) != null;
    return version || verb ? () -> run(Arrays.asList(args)) : null;
  }

  private static int run(List<String> args) {
    GlobalOptions options = new GlobalOptions(GlobalOptions.DEFAULT_ROOT, null, false, false, true);
    try {
      Arguments global = Arguments.parse(args, WITH_VALUE, WITHOUT, Map.of("v", "version"));
      options = options(global);
      if (global.has("version")) {
        System.out.println("loomvisor version " + VERSION);
        System.out.println("spec: 1.2.0");
        return 0;
      }
      if (global.has("systemd-cgroup")) {
        throw new RuntimeFailure("--systemd-cgroup: not supported: use the cgroupfs driver");
      }
      List<String> rest = global.rest();
      Verb verb = Verb.find(rest.getFirst());
      Arguments own =
          Arguments.parse(
              rest.subList(1, rest.size()), verb.withValue(), verb.without(), verb.aliases());
      return verb.run(options, own);
    } catch (IOException | RuntimeException e) {
      new VerbLog(options).error(message(e));
      if (options.debug()) {
        e.printStackTrace();
      }
      return FAILED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return FAILED;
    }
  }

  /** Exceptions of java.nio have the path alone for a message. */
  private static String message(Exception e) {
    boolean plain = e.getClass().getName().startsWith("java.nio.file.");
    return plain || e.getMessage() == null
        ? e.getClass().getSimpleName() + ": " + e.getMessage()
        : e.getMessage();
  }

  private static GlobalOptions options(Arguments a) throws RuntimeFailure {
    String format = a.value("log-format", "text");
    if (!format.equals("text") && !format.equals("json")) {
      throw new RuntimeFailure("invalid log-format: " + format);
    }
    String log = a.value("log");
    return new GlobalOptions(
        Path.of(a.value("root", GlobalOptions.DEFAULT_ROOT.toString())).toAbsolutePath(),
        log == null || log.isEmpty() ? null : Path.of(log).toAbsolutePath(),
        format.equals("json"),
        a.has("debug"),
        !a.has("no-lock"));
  }
}
