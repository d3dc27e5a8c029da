package io.loomvisor.runtime.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The command line of another JVM of this program: this one's class path and options. */
public final class JvmCommand {
  private static final String MAIN = "io.loomvisor.runtime.cli.Main";
  private static final String CACHE = "-XX:AOTCache=";
  private static final String ISOLATED = "-Dloomvisor.isolated";

  /** Options that are not handed on. */
  private static final List<String> THIS_PROCESS_ALONE =
      List.of(
          "-XX:AOTCacheOutput",
          ISOLATED,
          "-XX:FlightRecorderOptions",
          "-Dloomvisor.jfr",
          "-Dloomvisor.gofer.",
          "-Dloomvisor.host.network");

  /** As the launcher has it: what glibc must not do under the sentry's filter. */
  public static final Map<String, String> ENVIRONMENT =
      Map.of("GLIBC_TUNABLES", "glibc.pthread.rseq=0", "MALLOC_ARENA_MAX", "1");

  /** What a JVM of this program is for: each has an AOT cache of its own (train-aot). */
  public enum Role {
    BOOT,
    GOFER,
    VERB;

    private Path cache() {
      return Path.of(
          System.getProperty("loomvisor.dist", ""), name().toLowerCase(Locale.ROOT) + ".aot");
    }
  }

  private JvmCommand() {}

  /**
   * @param role which AOT cache it gets, if this process has one; this one's if there is no such
   * @param options of the JVM, after this one's, so that they win
   * @param isolated it is started in a mount namespace of its own, where it may change its root
   * @param arguments of this program
   */
  public static List<String> of(
      Role role, List<String> options, boolean isolated, List<String> arguments) {
    List<String> own = RawArguments.commandLine();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    int main = own.indexOf(MAIN);
    if (main > 0) {
      own.subList(1, main).stream()
          .filter(option -> THIS_PROCESS_ALONE.stream().noneMatch(option::startsWith))
          .map(option -> option.startsWith(CACHE) ? CACHE + cache(role, option) : option)
          .forEach(command::add);
    } else { // embedded in another program, a test for one
      command.add("-cp");
      command.add(System.getProperty("java.class.path"));
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
    }
    command.addAll(options);
    if (isolated) {
      command.add(ISOLATED + "=true");
    }
    command.add(MAIN);
    command.addAll(arguments);
    return command;
  }

  private static String cache(Role role, String own) {
    Path cache = role.cache();
    return Files.exists(cache) ? cache.toString() : own.substring(CACHE.length());
  }
}
