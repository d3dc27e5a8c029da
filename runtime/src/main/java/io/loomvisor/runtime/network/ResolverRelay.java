package io.loomvisor.runtime.network;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.kernel.socket.inet.InetNetwork;
import io.loomvisor.net.UdpSocket;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.udp.DatagramInfo;
import io.loomvisor.net.udp.UdpEndpoint;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.runtime.host.HostFile;
import io.loomvisor.runtime.host.InternetSockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Docker's name server on networks that its users define. It listens at 127.0.0.11 inside the
 * namespace, on ports to which rules of the namespace lead from port 53; so it is the host kernel's
 * loopback that leads to it, not the sandbox's. Queries that the application sends to 127.0.0.11
 * port 53 go on through one socket that was connected to it before the sentry locked itself in.
 *
 * <p>All queries of the sandbox share that socket, so each gets a number of its own instead of the
 * application's (RFC 1035 section 4.1.1), and the answer the application's again. Two threads: one
 * for each direction.
 */
final class ResolverRelay {
  private static final Logger LOG = LoggerFactory.getLogger(ResolverRelay.class);
  static final IpAddress RESOLVER = IpAddress.parse("127.0.0.11");
  static final int DNS = 53;

  /** The host's table of UDP sockets has addresses as the bytes of a word of this machine. */
  private static final String LISTENING = " 0B00007F:";

  private static final Path UDP_SOCKETS = Path.of("/proc/net/udp");

  /** The fixed header of a message (RFC 1035 section 4.1.1); the number is its first two bytes. */
  private static final int HEADER = 12;

  private static final int LONGEST = 65_535;

  /** Queries without an answer so far; older ones are forgotten. A power of two. */
  private static final int OUTSTANDING = 4096;

  /** Who asked, with the number it used. */
  private record Query(int number, SocketAddress from, short ownNumber) {}

  private final int fd;
  private final UdpSocket application;
  private final AtomicReferenceArray<Query> queries = new AtomicReferenceArray<>(OUTSTANDING);

  private ResolverRelay(int fd, UdpSocket application) {
    this.fd = fd;
    this.application = application;
  }

  /** Whether there is such a name server in this process's network namespace. */
  static boolean wanted() throws IOException {
    return Files.readString(UDP_SOCKETS, StandardCharsets.ISO_8859_1).contains(LISTENING);
  }

  /** Where a connected socket to a name server goes that appears when the sandbox runs. */
  interface Starter {
    /** Takes the descriptor over. */
    void start(int fd);
  }

  /** Looks for such a name server also when no file can be opened any more. */
  static final class Presence {
    /** The table of UDP sockets: each read from its beginning is of that moment. */
    private final int table = HostFile.openReadOnly(UDP_SOCKETS.toString());

    private final MemorySegment buffer = Arena.ofAuto().allocate(LONGEST);

    Presence() throws IOException {}

    boolean now() {
      StringBuilder text = new StringBuilder();
      long at = 0;
      for (long n = read(at); n > 0; n = read(at)) {
        byte[] bytes = buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
        text.append(new String(bytes, StandardCharsets.ISO_8859_1));
        at += n;
      }
      return text.indexOf(LISTENING) >= 0;
    }

    private long read(long at) {
      return DescriptorCalls.pread(table, buffer, at);
    }
  }

  static void start(InetNetwork network) throws IOException {
    start(network, InternetSockets.connectDatagram(RESOLVER, DNS));
  }

  /**
   * @param fd connected to it
   */
  static void start(InetNetwork network, int fd) throws IOException {
    UdpEndpoint endpoint = network.udp().open(false);
    int r = endpoint.bindBeside(RESOLVER, DNS);
    if (r < 0) {
      throw new IOException("the sandbox's " + RESOLVER + ": errno " + -r);
    }
    ResolverRelay relay = new ResolverRelay(fd, UdpSocket.of(endpoint));
    Thread.ofPlatform().daemon().name("resolver-queries").start(relay::forwardQueries);
    Thread.ofPlatform().daemon().name("resolver-answers").start(relay::forwardAnswers);
    LOG.info("Queries to {} go to the name server of the namespace", RESOLVER);
  }

  private void forwardQueries() {
    // Either buffer may be read and written by the thread that holds the endpoint just then.
    MemorySegment out = Arena.ofAuto().allocate(LONGEST);
    try {
      ByteBuffer message = out.asByteBuffer();
      for (int number = 0; ; number = number + 1 & 0xffff) {
        message.clear();
        DatagramInfo from = application.receive(message);
        if (message.position() < HEADER) {
          continue;
        }
        short own = message.getShort(0);
        SocketAddress asker = new SocketAddress(from.source, from.sourcePort);
        queries.set(number % OUTSTANDING, new Query(number, asker, own));
        message.putShort(0, (short) number);
        write(out.asSlice(0, message.position()));
      }
    } catch (IOException e) {
      LOG.error("No more names are resolved", e);
    }
  }

  private void write(MemorySegment message) {
    try {
      StreamCalls.write(fd, message);
    } catch (LinuxException e) {
      // As a datagram that is lost: the name server is gone (ECONNREFUSED), or its queue is full.
      LOG.debug("A query is lost: {}", e.errno());
    }
  }

  private void forwardAnswers() {
    MemorySegment in = Arena.ofAuto().allocate(LONGEST);
    try {
      MemorySegment wait = Arena.ofAuto().allocate(StreamCalls.POLLFD_SIZE, 4);
      for (; ; ) {
        wait.set(ValueLayout.JAVA_INT, 0, fd);
        wait.set(ValueLayout.JAVA_SHORT, 4, (short) StreamCalls.POLLIN);
        StreamCalls.poll(wait, 1);
        int n = read(in);
        if (n >= HEADER) {
          answer(in.asSlice(0, n).asByteBuffer());
        }
      }
    } catch (IOException e) {
      LOG.error("No more names are resolved", e);
    }
  }

  private int read(MemorySegment in) {
    try {
      return StreamCalls.read(fd, in);
    } catch (LinuxException e) {
      LOG.debug("An answer is lost: {}", e.errno());
      return 0;
    }
  }

  private void answer(ByteBuffer message) throws IOException {
    int number = message.getShort(0) & 0xffff;
    Query query = queries.get(number % OUTSTANDING);
    if (query == null || query.number() != number) {
      return; // so late that its place has been taken
    }
    message.putShort(0, query.ownNumber());
    application.send(query.from(), message);
  }
}
