package io.loomvisor.runtime.cli;

import io.loomvisor.runtime.boot.GoferProcess;
import io.loomvisor.runtime.lock.GoferLock.Tree;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code loomvisor gofer}: the process that does a sandbox's host file I/O. Started by the runtime,
 * not by people.
 */
@Command(
    name = "gofer",
    hidden = true,
    description = "Serves files to a sandbox over an inherited socket.")
final class GoferCommand implements Callable<Integer> {
  @Option(names = "--socket-fd", required = true, description = "The inherited socket.")
  private int socketFd;

  @Option(
      names = "--root",
      required = true,
      description = "A directory or file to serve: ro:PATH or rw:PATH.")
  private List<String> roots;

  @Override
  public Integer call() throws Exception {
    return GoferProcess.serve(socketFd, roots.stream().map(Tree::parse).toList());
  }
}
