package io.loomvisor.runtime.cli;

import io.loomvisor.runtime.boot.StartFailure;
import io.loomvisor.runtime.boot.StartTimeline;
import io.loomvisor.runtime.host.HostProcess;
import io.loomvisor.runtime.host.LinkerShortcut;
import io.loomvisor.runtime.jfr.FlightRecording;
import io.loomvisor.runtime.oci.verb.RuntimeCommand;
import io.loomvisor.runtime.oci.verb.Training;
import java.io.IOException;
import java.util.concurrent.Callable;

/** The command {@code loomvisor}. */
public final class Main {
  /** The sandbox itself failed, as in docker-run(1). */
  public static final int EXIT_SANDBOX = 125;

  public static final int EXIT_USAGE = 2;

  private Main() {}

  public static void main(String[] args) {
    StartTimeline.mark("main");
    LinkerShortcut.install()
        .ifPresent(why -> StartTimeline.mark("host calls linked by the JDK: " + why));
    int status = run(args);
    FlightRecording.removeRepository();
    if (training()) {
      System.exit(status); // the AOT cache is written by an orderly exit only
    }
    System.out.flush();
    System.err.flush();
    Runtime.getRuntime().halt(status);
  }

  /** Ends the process of a sandbox, which has threads in host calls. Returns in training only. */
  static int leave(int status) {
    if (!training()) {
      StartTimeline.mark("leaves");
      StartTimeline.print("sentry");
      System.out.flush();
      System.err.flush();
      HostProcess.exit(status);
    }
    trainExit();
    return status;
  }

  /** The end of a process in training is another: the class is to be in its cache all the same. */
  private static void trainExit() {
    try {
      Class.forName(HostProcess.class.getName());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean training() {
    return System.getenv("LOOMVISOR_TRAINING") != null;
  }

  private static int run(String[] args) {
    Callable<Integer> usual = UsualForms.command(args);
    if (usual == null) {
      usual = RuntimeCommand.of(args);
      if (usual != null && training()) {
        train();
      }
    }
    return usual != null ? run(usual) : CommandLineForms.execute(args);
  }

  private static int run(Callable<Integer> command) {
    try {
      return command.call();
    } catch (Exception e) {
      return report(e, "loomvisor");
    }
  }

  private static void train() {
    try {
      Training.run();
    } catch (IOException e) {
      System.err.println("loomvisor: training of the verbs: " + e.getMessage());
    }
  }

  /** Tells the user that the command line makes no sense; the exit status. */
  static int misused(String message, String command) {
    System.err.println("loomvisor: " + message);
    System.err.println("Try '" + command + " --help'.");
    return EXIT_USAGE;
  }

  /** Tells the user why {@code command} failed; the exit status. */
  static int report(Exception e, String command) {
    return switch (e) {
      case UsageException usage -> misused(usage.getMessage(), command);
      case StartFailure failure -> {
        System.err.println("loomvisor: " + failure.getMessage());
        yield failure.status();
      }
      default -> {
        System.err.println("loomvisor: " + message(e));
        if (Boolean.getBoolean("loomvisor.debug")) {
          e.printStackTrace();
        }
        yield EXIT_SANDBOX;
      }
    };
  }

  private static String message(Throwable e) {
    String m = e.getMessage();
    return m == null ? e.getClass().getSimpleName() : m;
  }
}
