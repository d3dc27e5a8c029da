package io.loomvisor.kernel;

import io.loomvisor.task.fd.FdTable;
import io.loomvisor.task.fd.FsContext;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.task.signal.SignalDispositions;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.tty.Terminal;
import java.util.List;

/**
 * What {@link Kernel#start} starts.
 *
 * @param descriptors its open descriptors; taken over
 * @param path of the program, as execve(2) takes it
 * @param terminal becomes its controlling terminal; null for none
 * @param dispositions what its starter ignores stays ignored
 */
public record ProcessStart(
    FsContext fs,
    FdTable descriptors,
    Credentials credentials,
    String path,
    List<String> argv,
    List<String> envp,
    Terminal terminal,
    SignalDispositions dispositions,
    ResourceLimits limits) {

  /** Without a terminal, nothing ignored, the usual limits. */
  public ProcessStart(
      FsContext fs,
      FdTable descriptors,
      Credentials credentials,
      String path,
      List<String> argv,
      List<String> envp) {
    this(
        fs,
        descriptors,
        credentials,
        path,
        argv,
        envp,
        null,
        new SignalDispositions(),
        ResourceLimits.initial());
  }

  public ProcessStart withTerminal(Terminal controlling) {
    return new ProcessStart(
        fs, descriptors, credentials, path, argv, envp, controlling, dispositions, limits);
  }

  public ProcessStart withDispositions(SignalDispositions some) {
    return new ProcessStart(fs, descriptors, credentials, path, argv, envp, terminal, some, limits);
  }

  public ProcessStart withLimits(ResourceLimits some) {
    return new ProcessStart(
        fs, descriptors, credentials, path, argv, envp, terminal, dispositions, some);
  }
}
