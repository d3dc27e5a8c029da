package io.loomvisor.runtime.host;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Runs a piece of work on a platform thread that ends with it: namespaces are a thread's, so what
 * changes them must not happen on a thread that goes on to live.
 */
public final class Apart {
  private Apart() {}

  public static <T> T run(Callable<T> work) throws IOException {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().name("apart").start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw cause instanceof IOException io ? io : new IOException(cause.getMessage(), cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
