package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.gofer.server.GoferRoot;
import io.loomvisor.gofer.server.GoferServer;
import io.loomvisor.vfs.DeviceRegistry;
import io.loomvisor.vfs.cache.PageCache;
import io.loomvisor.vfs.testing.TestPageStore;
import io.loomvisor.vfs.testing.Tree;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A file tree over a directory of the host, served by a real gofer in a thread. */
final class GoferTree implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET = 5;

  final TestPageStore store = new TestPageStore(4096);
  final PageCache cache;
  final GoferClient client;
  final GoferFilesystem filesystem;
  final Tree tree;
  private final CompletableFuture<Void> served = new CompletableFuture<>();
  private final int root;

  GoferTree(Path directory, boolean readOnly) {
    this(directory, readOnly, 4096);
  }

  GoferTree(Path directory, boolean readOnly, long budget) {
    this(directory, readOnly, budget, FileAccess.EXCLUSIVE);
  }

  GoferTree(Path directory, FileAccess access) {
    this(directory, false, 4096, access);
  }

  private GoferTree(Path directory, boolean readOnly, long budget, FileAccess access) {
    int[] ends = socketPair();
    root =
        DirectoryCalls.open(
            -100, directory.toString(), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0);
    Thread.ofPlatform().daemon().name("test-gofer").start(() -> serve(ends[1]));
    client = new GoferClient(ends[0], reason -> {});
    cache = new PageCache(store, budget);
    filesystem = GoferFilesystem.attach(client, 0, cache, DeviceRegistry.NONE, readOnly, access);
    tree = Tree.on(filesystem, store);
  }

  private void serve(int socket) {
    try {
      GoferServer.serve(socket, List.of(new GoferRoot(root, false)));
      served.complete(null);
    } catch (RuntimeException e) {
      served.completeExceptionally(e);
    } finally {
      DescriptorCalls.close(socket);
    }
  }

  static int[] socketPair() {
    Linker linker = Linker.nativeLinker();
    ValueLayout.OfInt i = ValueLayout.JAVA_INT;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(8, 4);
      int rc =
          (int)
              linker
                  .downcallHandle(
                      linker.defaultLookup().find("socketpair").orElseThrow(),
                      FunctionDescriptor.of(i, i, i, i, ValueLayout.ADDRESS))
                  .invokeExact(AF_UNIX, SOCK_SEQPACKET, 0, ends);
      if (rc != 0) {
        throw new AssertionError("socketpair");
      }
      return ends.toArray(i);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** The gofer goes away, as if it had been killed. */
  void killGofer() {
    client.close();
    served.orTimeout(10, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    killGofer();
    DescriptorCalls.close(root);
  }
}
