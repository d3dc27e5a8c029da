package io.loomvisor.runtime.cli;

import io.loomvisor.kernel.Kernel;
import io.loomvisor.kernel.syscall.SyscallDocument;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.platform.kvm.KvmOptions;
import io.loomvisor.platform.kvm.KvmPlatform;
import io.loomvisor.runtime.seccomp.LockDocument;
import io.loomvisor.scheduler.time.HeapTimerService;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code loomvisor syscalls}: the table of system calls; {@code docs/syscalls.md} is its output.
 */
@Command(
    name = "syscalls",
    mixinStandardHelpOptions = true,
    description = "Prints which system calls are served, and how far.")
public final class SyscallsCommand implements Callable<Integer> {
  @Option(names = "--json", description = "For programs instead of people.")
  private boolean json;

  @Option(
      names = "--lock",
      description =
          "Prints what the sandbox may ask of the host instead (part of docs/security.md).")
  private boolean lock;

  @Override
  public Integer call() {
    if (lock) {
      System.out.print(LockDocument.markdown());
      return 0;
    }
    Logging.configure(false, null);
    SyscallTable table = table();
    System.out.print(json ? SyscallDocument.json(table) : SyscallDocument.markdown(table));
    return 0;
  }

  /** The table of a kernel as it boots. */
  public static SyscallTable table() {
    KvmPlatform platform = KvmPlatform.create(KvmOptions.DEFAULT);
    try {
      return new Kernel(platform, new HeapTimerService(), "localhost", null).syscalls();
    } finally {
      platform.close();
    }
  }
}
