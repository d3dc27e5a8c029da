package io.loomvisor.runtime.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code loomvisor uninstall}: undoes {@link InstallCommand}. */
@Command(
    name = "uninstall",
    mixinStandardHelpOptions = true,
    description = "Takes this runtime out of Docker's daemon.json; other settings stay.")
final class UninstallCommand implements Callable<Integer> {
  @Mixin private InstallCommand.Where where;

  @Override
  public Integer call() throws IOException {
    String name = where.name();
    DaemonConfig config = DaemonConfig.read(where.file());
    String path = config.path(name);
    if (path == null) {
      System.out.println(where.file() + " has no runtime " + name + ". Nothing to do.");
      return 0;
    }
    boolean byDefault = config.isDefault(name);
    config.remove(name);
    config.write();
    System.out.println(where.file() + ": runtime " + name + " (" + path + ") is removed.");
    if (byDefault) {
      System.out.println("It was the default runtime; that is Docker's own again.");
    }
    System.out.println("Docker reads this when it is restarted or reloaded.");
    return 0;
  }
}
