package io.loomvisor.runtime.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** All command lines, read by picocli: what {@link UsualForms} does not know. */
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
      "  debug ('loomvisor debug --help'): tasks, stacks, mounts, counters, system calls of a"
          + " container",
      "",
      "From a source tree, 'loomvisor test' builds everything and runs all tests.",
      "",
      "Exit status of 'do': the command's own, 128+n if signal n killed it, 125 if the sandbox"
          + " failed, 126 if the command cannot be run, 127 if it is not found."
    })
final class CommandLineForms {
  CommandLineForms() {}

  /** Runs the command; its exit status. */
  static int execute(String[] args) {
    CommandLine commands = new CommandLine(new CommandLineForms());
    commands.setStopAtPositional(true);
    commands.setExecutionExceptionHandler((e, c, parsed) -> Main.report(e, name(c)));
    commands.setParameterExceptionHandler(
        (e, words) -> Main.misused(e.getMessage(), name(e.getCommandLine())));
    return commands.execute(args);
  }

  private static String name(CommandLine line) {
    return line.getCommandSpec().qualifiedName();
  }
}
