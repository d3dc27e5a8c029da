package io.loomvisor.runtime.network;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.kernel.socket.inet.InetNetwork;
import io.loomvisor.net.TcpListener;
import io.loomvisor.net.TcpSocket;
import io.loomvisor.net.tcp.TcpEndpoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Queries by TCP to Docker's name server (RFC 7766; {@link ResolverRelay} has those by UDP): each
 * connection of the application's to 127.0.0.11 port 53 goes on through one of the host's, which
 * {@link NetworkKeeper} makes. Bytes are carried as they come. One thread accepts, and each
 * connection has two, one for each direction.
 */
final class ResolverStreams {
  private static final Logger LOG = LoggerFactory.getLogger(ResolverStreams.class);

  /** At the same time; more wait in the backlog. */
  private static final int MOST = 32;

  private static final int BACKLOG = 16;
  private static final int BUFFER = 16 << 10;

  private final TcpListener listener;
  private final KeeperConnection keeper;
  private final Semaphore free = new Semaphore(MOST);

  private ResolverStreams(TcpListener listener, KeeperConnection keeper) {
    this.listener = listener;
    this.keeper = keeper;
  }

  static void start(InetNetwork network, KeeperConnection keeper) throws IOException {
    TcpEndpoint endpoint = network.tcp().open(false);
    int r = endpoint.listenBeside(ResolverRelay.RESOLVER, ResolverRelay.DNS, BACKLOG);
    if (r < 0) {
      throw new IOException("the sandbox's " + ResolverRelay.RESOLVER + " by TCP: errno " + -r);
    }
    ResolverStreams streams = new ResolverStreams(TcpListener.of(endpoint), keeper);
    Thread.ofPlatform().daemon().name("resolver-streams").start(streams::acceptAll);
  }

  private void acceptAll() {
    try {
      for (; ; ) {
        free.acquire();
        TcpSocket application = listener.accept();
        Thread.ofPlatform().daemon().name("resolver-stream").start(() -> serve(application));
      }
    } catch (IOException e) {
      LOG.error("No more names are resolved by TCP", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(TcpSocket application) {
    int server = -1;
    try (application) {
      server = keeper.stream();
      int fd = server;
      Thread answers =
          Thread.ofPlatform()
              .daemon()
              .name("resolver-answers")
              .start(() -> carryAnswers(fd, application));
      carryQueries(application, fd);
      answers.join();
    } catch (IOException e) {
      LOG.debug("A connection to the name server has ended: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (server >= 0) {
        DescriptorCalls.close(server);
      }
      free.release();
    }
  }

  /** Until the application has no more, or is gone; then the server sees the end. */
  private static void carryQueries(TcpSocket from, int to) {
    MemorySegment buffer = Arena.ofAuto().allocate(BUFFER);
    byte[] bytes = new byte[BUFFER];
    try {
      for (int n = from.read(bytes, 0, BUFFER); n > 0; n = from.read(bytes, 0, BUFFER)) {
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, buffer, 0, n);
        for (long at = 0; at < n; ) {
          at += StreamCalls.write(to, buffer.asSlice(at, n - at));
        }
      }
    } catch (IOException | LinuxException e) {
      LOG.debug("Queries by TCP: {}", e.getMessage());
    } finally {
      DescriptorCalls.shutdownOutput(to);
    }
  }

  /** Until the server has closed, as it does with those that ask nothing for some seconds. */
  private static void carryAnswers(int from, TcpSocket to) {
    MemorySegment buffer = Arena.ofAuto().allocate(BUFFER);
    byte[] bytes = new byte[BUFFER];
    try {
      for (int n = StreamCalls.read(from, buffer); n > 0; n = StreamCalls.read(from, buffer)) {
        MemorySegment.copy(buffer, 0, MemorySegment.ofArray(bytes), 0, n);
        to.write(bytes, 0, n);
      }
      to.close(); // ends the wait for queries
    } catch (IOException | LinuxException e) {
      LOG.debug("Answers by TCP: {}", e.getMessage());
    }
  }
}
