package io.loomvisor.runtime.cli;

import io.loomvisor.runtime.oci.state.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loomvisor install}: makes Docker know this runtime. */
@Command(
    name = "install",
    mixinStandardHelpOptions = true,
    description = "Registers this runtime with Docker, in daemon.json; other settings stay.")
final class InstallCommand implements Callable<Integer> {
  /** Which file and which name; {@code uninstall} has the same. */
  static final class Where {
    @Option(
        names = "--config",
        paramLabel = "FILE",
        defaultValue = "/etc/docker/daemon.json",
        description = "Docker's configuration (default: ${DEFAULT-VALUE}).")
    private Path file;

    @Option(
        names = "--name",
        defaultValue = "loomvisor",
        description = "For docker run --runtime (default: ${DEFAULT-VALUE}).")
    private String name;

    Path file() {
      return file;
    }

    String name() throws RuntimeFailure {
      if (!name.matches("[A-Za-z0-9_.-]+") || name.equals("runc")) {
        throw new RuntimeFailure("--name: not a name for a runtime: " + name);
      }
      return name;
    }
  }

  @Mixin private Where where;

  @Override
  public Integer call() throws IOException {
    String name = where.name();
    String launcher = launcher();
    DaemonConfig config = DaemonConfig.read(where.file());
    String before = config.path(name);
    if (launcher.equals(before)) {
      System.out.println(
          where.file() + " has runtime " + name + " already: " + launcher + ". Nothing to do.");
      return 0;
    }
    config.put(name, launcher);
    config.write();
    System.out.println(
        where.file()
            + ": runtime "
            + name
            + " is now "
            + launcher
            + (before == null ? "" : ", before " + before)
            + ".");
    System.out.println(
        "Docker reads this when it is restarted (systemctl restart docker) or told to (systemctl"
            + " reload docker). Then: docker run --runtime "
            + name
            + " ...");
    return 0;
  }

  /** The launcher that has started this JVM, in the tree that its files are in. */
  private static String launcher() throws IOException {
    Path launcher = Path.of(System.getProperty("loomvisor.dist", ""), "../../../loomvisor");
    if (!Files.isExecutable(launcher)) {
      throw new RuntimeFailure("not started by the launcher loomvisor: cannot tell where it is");
    }
    return launcher.toRealPath().toString();
  }
}
