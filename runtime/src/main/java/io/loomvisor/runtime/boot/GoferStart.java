package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.runtime.lock.GoferLock;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A gofer that is being made ready beside the rest of the start: its first request is made on a
 * thread of its own, as soon as there is a gofer.
 */
final class GoferStart {
  private final GoferClient client;
  private final CompletableFuture<String> lost;

  private GoferStart(GoferClient client, CompletableFuture<String> lost) {
    this.client = client;
    this.lost = lost;
  }

  /** One that serves {@code trees}. */
  static GoferStart begin(List<GoferLock.Tree> trees) throws IOException {
    CompletableFuture<String> lost = new CompletableFuture<>();
    GoferClient client = new GoferClient(GoferLauncher.launch(trees), lost::complete);
    Thread.ofPlatform().daemon().name("gofer-rehearsal").start(client::rehearse);
    return new GoferStart(client, lost);
  }

  /**
   * Its client.
   *
   * @param listener is told, once, when it is lost; at once if it is
   */
  GoferClient client(Consumer<String> listener) {
    lost.thenAccept(listener);
    return client;
  }
}
