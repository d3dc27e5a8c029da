package io.loomvisor.runtime.cli;

import io.loomvisor.runtime.boot.Container;
import io.loomvisor.runtime.boot.Creator;
import io.loomvisor.runtime.boot.GoferProcess;
import io.loomvisor.runtime.boot.SocketGoferProcess;
import io.loomvisor.runtime.boot.VerbCreator;
import io.loomvisor.runtime.host.ChildProcess;
import io.loomvisor.runtime.lock.GoferLock.Tree;
import io.loomvisor.runtime.network.NetworkKeeper;
import io.loomvisor.runtime.oci.state.StateDirectory;
import io.loomvisor.runtime.oci.verb.ShellCreator;
import java.nio.file.Path;
import java.util.ArrayList;
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
 *   boot DIRECTORY BUNDLE DEBUG LOCKED      the sentry of a container, see oci.verb.SentryLauncher
 *   boot alone DIRECTORY BUNDLE LOG FORMAT  the same, made by the launcher, see oci.verb.ShellCreator
 *   gofer --socket-fd N --root ro:DIR...
 *   gofer --early                           started beside its sentry, see boot.EarlyGofer
 *   network-keeper RESOLVER                 see runtime.network.NetworkKeeper
 *   socket-gofer REQUESTS EVENTS            descriptors; see boot.SocketGoferProcess
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
      case "boot" -> boot(args);
      case "network-keeper" -> keeper(args);
      case "socket-gofer" -> sockets(args);
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
    if (args.length == 2 && args[1].equals("--early")) {
      return GoferProcess::serveEarly;
    }
    if (args.length < 5 || !args[1].equals("--socket-fd") || !args[2].matches("[0-9]{1,9}")) {
      return null;
    }
    List<Tree> trees = new ArrayList<>();
    for (int i = 3; i < args.length; i += 2) {
      if (!args[i].equals("--root") || i + 1 == args.length || !Tree.valid(args[i + 1])) {
        return null;
      }
      trees.add(Tree.parse(args[i + 1]));
    }
    int socket = Integer.parseInt(args[2]);
    return () -> GoferProcess.serve(socket, trees);
  }

  private static Callable<Integer> keeper(String[] args) {
    boolean resolver = Boolean.parseBoolean(args[1]);
    return args.length == 2
        ? () -> NetworkKeeper.serve(ChildProcess.FIRST_DESCRIPTOR, resolver)
        : null;
  }

  private static Callable<Integer> sockets(String[] args) {
    return args.length == 3
        // An orderly end of the JVM makes calls that the gofer's filter does not let through.
        ? () ->
            Main.leave(
                SocketGoferProcess.serve(Integer.parseInt(args[1]), Integer.parseInt(args[2])))
        : null;
  }

  private static Callable<Integer> boot(String[] args) {
    int fd = ChildProcess.FIRST_DESCRIPTOR;
    if (args.length == 6 && args[1].equals("alone")) {
      Creator launcher = new ShellCreator(args[4], args[5], fd, fd + 1, fd + 2);
      return boot(Path.of(args[2]), Path.of(args[3]), launcher, false, true);
    }
    if (args.length != 5) {
      return null;
    }
    boolean debug = Boolean.parseBoolean(args[3]);
    boolean locked = Boolean.parseBoolean(args[4]);
    return boot(Path.of(args[1]), Path.of(args[2]), new VerbCreator(fd, fd + 1), debug, locked);
  }

  private static Callable<Integer> boot(
      Path directory, Path bundle, Creator creator, boolean debug, boolean locked) {
    return () -> {
      Logging.configure(debug, directory.resolve(StateDirectory.LOG));
      return Main.leave(Container.run(directory, bundle, creator, locked));
    };
  }
}
