package io.loomvisor.runtime.boot;

import io.loomvisor.runtime.oci.spec.ContainerConfig;
import io.loomvisor.task.seccomp.SeccompState;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What comes of a container's configuration while its kernel is being made, on a thread of its own:
 * what its creator has to do on the host, which is waiting most of the time (a process that joins a
 * group of each controller waits for a grace period of the host's kernel each time), and the
 * program of its seccomp profile.
 */
final class Beginning {
  private static final Logger LOG = LoggerFactory.getLogger(Beginning.class);

  private final FutureTask<SeccompState> task;

  private Beginning(Creator creator, ContainerConfig config) {
    task = new FutureTask<>(() -> begin(creator, config));
  }

  static Beginning of(Creator creator, ContainerConfig config) {
    Beginning beginning = new Beginning(creator, config);
    Thread.ofPlatform().daemon().name("beginning").start(beginning.task);
    return beginning;
  }

  private static SeccompState begin(Creator creator, ContainerConfig config) throws IOException {
    creator.begin(config);
    StartTimeline.mark("state written, hooks asked for");
    return config.seccomp() == null ? SeccompState.NONE : config.seccomp().filter();
  }

  /** Waits for it; the filters of the container's processes. */
  SeccompState await() throws IOException, InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException known -> throw known;
        case RuntimeException known -> throw known;
        case Throwable other -> throw new IllegalStateException(other);
      }
    }
  }

  /** Waits until it is over, well or not: then nothing more is made. */
  void finish() throws InterruptedException {
    try {
      await();
    } catch (IOException | RuntimeException e) {
      LOG.debug("Has failed as well", e);
    }
  }
}
