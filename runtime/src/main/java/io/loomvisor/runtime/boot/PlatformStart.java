package io.loomvisor.runtime.boot;

import io.loomvisor.platform.kvm.KvmOptions;
import io.loomvisor.platform.kvm.KvmPlatform;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A platform that is being set up on a thread of its own: the first host calls and the probing of
 * the host are a good part of the time that a sandbox takes to start, and the gofer can be started
 * meanwhile.
 */
final class PlatformStart {
  private static final String PARALLELISM = "jdk.virtualThreadScheduler.parallelism";
  private static final String MAX_POOL_SIZE = "jdk.virtualThreadScheduler.maxPoolSize";

  private final FutureTask<KvmPlatform> platform;

  private PlatformStart(KvmOptions options, Runnable logging) {
    platform =
        new FutureTask<>(
            () -> {
              logging.run();
              StartTimeline.mark("logging set up");
              KvmPlatform made = KvmPlatform.create(options);
              StartTimeline.mark("platform made");
              return made;
            });
  }

  /**
   * Must come before the first virtual thread is made: it says how many carriers there are.
   *
   * @param logging sets up where messages go
   */
  static PlatformStart begin(KvmOptions options, Runnable logging) {
    provideCarriers(options);
    PlatformStart start = new PlatformStart(options, logging);
    Thread.ofPlatform().daemon().name("platform").start(start.platform);
    return start;
  }

  /** The JDK reads these when the first virtual thread is made; a larger number given stays. */
  private static void provideCarriers(KvmOptions machine) {
    int wanted = Math.max(KvmPlatform.carriers(machine), Integer.getInteger(PARALLELISM, 1));
    System.setProperty(PARALLELISM, Integer.toString(wanted));
    int most = Math.max(wanted, Integer.getInteger(MAX_POOL_SIZE, 256));
    System.setProperty(MAX_POOL_SIZE, Integer.toString(most));
  }

  /**
   * Waits for it.
   *
   * @throws io.loomvisor.platform.kvm.KvmUnavailableException if this host cannot run guests
   */
  KvmPlatform await() throws IOException {
    try {
      return platform.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RuntimeException known) {
        throw known;
      }
      throw new IOException(cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
