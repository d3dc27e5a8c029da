package io.loomvisor.runtime.oci.verb;

import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.runtime.host.Apart;
import io.loomvisor.runtime.host.ChildProcess;
import io.loomvisor.runtime.host.Confinement;
import io.loomvisor.runtime.host.HostFile;
import io.loomvisor.runtime.oci.spec.ContainerConfig.HookKind;
import io.loomvisor.runtime.oci.spec.HookConfig;
import io.loomvisor.runtime.oci.state.ContainerState;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs hooks: programs of the host that get the container's state on standard input. */
final class HookRunner {
  static final String INPUT = "hook-input.json";
  private static final int SIGKILL = 9;

  private final StateDirectory directory;
  private final Map<HookKind, List<HookConfig>> hooks;

  HookRunner(StateDirectory directory, Map<HookKind, List<HookConfig>> hooks) {
    this.directory = directory;
    this.hooks = hooks;
  }

  /** Runs the hooks of {@code kind} in order; the first that fails ends it. */
  void run(HookKind kind, ContainerState state) throws IOException, InterruptedException {
    int number = 0;
    for (HookConfig hook : hooks.get(kind)) {
      directory.replace(INPUT, state.json().toString());
      ChildProcess process = start(kind, hook, state.pid());
      int status = await(kind, hook, process);
      if (status != 0) {
        String name = kind.property() + " hook #" + number;
        throw new RuntimeFailure("error running " + name + ": exit status " + status);
      }
      number++;
    }
  }

  /** createContainer hooks run in the container's namespaces, the others in the runtime's. */
  private ChildProcess start(HookKind kind, HookConfig hook, int pid) throws IOException {
    ChildProcess.Spec spec =
        new ChildProcess.Spec(
            hook.path(),
            hook.args(),
            hook.env(),
            new ChildProcess.Streams.FromFile(directory.path().resolve(INPUT).toString()),
            new int[0],
            ChildProcess.Group.OWN);
    if (kind != HookKind.CREATE_CONTAINER) {
      return ChildProcess.spawn(spec);
    }
    return Apart.run(
        () -> {
          for (Map.Entry<String, Integer> n :
              Map.of(
                      "net", Confinement.CLONE_NEWNET,
                      "ipc", Confinement.CLONE_NEWIPC,
                      "uts", Confinement.CLONE_NEWUTS)
                  .entrySet()) {
            int fd = HostFile.openReadOnly("/proc/" + pid + "/ns/" + n.getKey());
            try {
              Confinement.enter(fd, n.getValue());
            } finally {
              DescriptorCalls.close(fd);
            }
          }
          return ChildProcess.spawn(spec);
        });
  }

  private static int await(HookKind kind, HookConfig hook, ChildProcess process)
      throws IOException, InterruptedException {
    CompletableFuture<Integer> end = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("hook")
        .start(
            () -> {
              try {
                end.complete(process.await());
              } catch (IOException e) {
                end.completeExceptionally(e);
              }
            });
    try {
      return hook.timeout() == 0 ? end.get() : end.get(hook.timeout(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      process.kill(SIGKILL);
      throw new RuntimeFailure(
          kind.property() + " hook " + hook.path() + ": ran longer than its timeout");
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    }
  }
}
