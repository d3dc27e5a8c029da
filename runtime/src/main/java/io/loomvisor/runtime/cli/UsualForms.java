package io.loomvisor.runtime.cli;

import io.loomvisor.runtime.boot.GoferProcess;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Recognizes the command lines that are used again and again, without picocli: reading annotations
 * and building its model takes longer than starting the sandbox. Whatever is not exactly of these
 * forms is left to picocli, which knows all options and has the error messages.
 *
 * <pre>
 *   do [--strace] [--debug] [--] CMD...     CMD without a leading dash
 *   gofer --socket-fd N --root DIR
 * </pre>
 */
final class UsualForms {
  private UsualForms() {}

  /** Null if {@code args} are of another form. */
  static Callable<Integer> command(String[] args) {
    if (args.length < 2) {
      return null;
    }
    return switch (args[0]) {
      case "do" -> run(args);
      case "gofer" -> gofer(args);
      default -> null;
    };
  }

  private static Callable<Integer> run(String[] args) {
    boolean strace = false;
    boolean debug = false;
    int at = 1;
    for (; at < args.length && args[at].startsWith("-"); at++) {
      switch (args[at]) {
        case "--strace" -> strace = true;
        case "--debug" -> debug = true;
        case "--" -> {
          return command(args, at + 1, strace, debug);
        }
        default -> {
          return null;
        }
      }
    }
    return command(args, at, strace, debug);
  }

  private static Callable<Integer> command(
      String[] args, int first, boolean strace, boolean debug) {
    boolean usual = first < args.length && !args[first].isEmpty() && !args[first].startsWith("-");
    return usual
        ? DoCommand.of(Arrays.asList(args).subList(first, args.length), strace, debug)
        : null;
  }

  private static Callable<Integer> gofer(String[] args) {
    boolean usual = args.length == 5 && args[1].equals("--socket-fd") && args[3].equals("--root");
    if (!usual || !args[2].matches("[0-9]{1,9}")) {
      return null;
    }
    int socket = Integer.parseInt(args[2]);
    return () -> GoferProcess.serve(socket, List.of(args[4]));
  }
}
