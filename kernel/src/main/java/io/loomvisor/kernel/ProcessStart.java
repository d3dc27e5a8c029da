package io.loomvisor.kernel;

import io.loomvisor.task.fd.FdTable;
import io.loomvisor.task.fd.FsContext;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.task.seccomp.SeccompState;
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
 * @param seccomp filters that are in force from its first instruction on
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
    ResourceLimits limits,
    SeccompState seccomp) {

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
        ResourceLimits.initial(),
        SeccompState.NONE);
  }

  public ProcessStart withTerminal(Terminal controlling) {
    return with(controlling, dispositions, limits, seccomp);
  }

  public ProcessStart withDispositions(SignalDispositions some) {
    return with(terminal, some, limits, seccomp);
  }

  public ProcessStart withLimits(ResourceLimits some) {
    return with(terminal, dispositions, some, seccomp);
  }

  public ProcessStart withSeccomp(SeccompState filters) {
    return with(terminal, dispositions, limits, filters);
  }

  private ProcessStart with(
      Terminal controlling, SignalDispositions some, ResourceLimits most, SeccompState filters) {
    return new ProcessStart(
        fs, descriptors, credentials, path, argv, envp, controlling, some, most, filters);
  }
}
