package io.loomvisor.runtime.cli;

import io.loomvisor.runtime.boot.SyscallList;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code loomvisor syscalls}: what is supported. */
@Command(name = "syscalls", description = "Lists the syscalls of x86-64 and how far each is supported.", mixinStandardHelpOptions = true)
final class SyscallsCommand implements Callable<Integer> {
  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Override
  public Integer call() {
    System.out.print(json ? SyscallList.json() : SyscallList.markdown());
    return 0;
  }
}
