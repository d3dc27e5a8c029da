package io.loomvisor.gofer;

import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.gofer.host.SocketPair;
import io.loomvisor.gofer.server.GoferRoot;
import io.loomvisor.gofer.server.GoferServer;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A server thread over directories of the host, and its client, attached to the first as fid {@link
 * #root}.
 */
public final class GoferFixture implements AutoCloseable {
  public final SocketPair sockets = SocketPair.open();
  public final GoferClient client;
  public final CompletableFuture<String> lost = new CompletableFuture<>();
  public final CompletableFuture<Void> served;
  public final int root;
  public final FileStat rootStat;
  private final List<GoferRoot> roots;

  public GoferFixture(Path directory, boolean readOnly) {
    int fd =
        DirectoryCalls.open(
            -100, directory.toString(), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0);
    roots = List.of(new GoferRoot(fd, readOnly));
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("test-gofer")
        .start(
            () -> {
              try {
                GoferServer.serve(sockets.server(), roots);
                done.complete(null);
              } catch (RuntimeException e) {
                done.completeExceptionally(e);
              } finally {
                DescriptorCalls.close(sockets.server());
              }
            });
    served = done;
    client = new GoferClient(sockets.client(), lost::complete);
    root = client.newFid();
    rootStat = client.ask(new Request.Attach(0, root), Reply.Attributes.class).stat();
  }

  @Override
  public void close() {
    client.close();
    served.handle((v, e) -> null).orTimeout(10, TimeUnit.SECONDS).join();
    roots.forEach(r -> DescriptorCalls.close(r.fd()));
  }
}
