package io.loomvisor.runtime.cli;

import io.loomvisor.runtime.boot.StartFailure;
import io.loomvisor.runtime.oci.verb.RuntimeCommand;
import io.loomvisor.runtime.oci.verb.Training;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code loomvisor}. */
@Command(
    name = "loomvisor",
    description = "Runs unmodified Linux programs in a sandbox whose kernel is written in Java.",
    subcommands = {
      DoCommand.class,
      SyscallsCommand.class,
      GoferCommand.class,
      InstallCommand.class,
      UninstallCommand.class,
      CommandLine.HelpCommand.class
    },
    mixinStandardHelpOptions = true,
    version = "loomvisor 0.1.0",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "As a container runtime, with the commands and options of runc:",
      "  create, start, run, exec, state, list, ps, kill, delete, pause, resume, update, events, spec,"
          + " features",
      "",
      "From a source tree, 'loomvisor test' builds everything and runs all tests.",
      "",
      "Exit status of 'do': the command's own, 128+n if signal n killed it, 125 if the sandbox"
          + " failed, 126 if the command cannot be run, 127 if it is not found."
    })
public final class Main {
  /** The sandbox itself failed, as in docker-run(1). */
  public static final int EXIT_SANDBOX = 125;

  public static final int EXIT_USAGE = 2;

  Main() {}

  public static void main(String[] args) {
    Callable<Integer> usual = UsualForms.command(args);
    if (usual == null) {
      usual = RuntimeCommand.of(args);
    }
    int status = usual != null ? run(usual) : interpret(args);
    System.out.flush();
    System.err.flush();
    if (System.getenv("LOOMVISOR_TRAINING") != null) {
      train();
      System.exit(status); // the AOT cache is written by an orderly exit only
    }
    Runtime.getRuntime().halt(status);
  }

  private static int run(Callable<Integer> command) {
    try {
      return command.call();
    } catch (Exception e) {
      return report(e);
    }
  }

  private static void train() {
    try {
      Training.run();
    } catch (IOException e) {
      System.err.println("loomvisor: training of the verbs: " + e.getMessage());
    }
  }

  private static int interpret(String[] args) {
    CommandLine commands = new CommandLine(new Main());
    commands.setStopAtPositional(true);
    commands.setExecutionExceptionHandler((e, c, parsed) -> report(e));
    commands.setParameterExceptionHandler((e, words) -> misused(e));
    return commands.execute(args);
  }

  private static int misused(CommandLine.ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    System.err.println("loomvisor: " + e.getMessage());
    System.err.println("Try '" + command + " --help'.");
    return EXIT_USAGE;
  }

  /** Tells the user why the sandbox failed; the exit status. */
  private static int report(Exception e) {
    if (e instanceof StartFailure failure) {
      System.err.println("loomvisor: " + failure.getMessage());
      return failure.status();
    }
    System.err.println("loomvisor: " + message(e));
    if (Boolean.getBoolean("loomvisor.debug")) {
      e.printStackTrace();
    }
    return EXIT_SANDBOX;
  }

  private static String message(Throwable e) {
    String m = e.getMessage();
    return m == null ? e.getClass().getSimpleName() : m;
  }
}
