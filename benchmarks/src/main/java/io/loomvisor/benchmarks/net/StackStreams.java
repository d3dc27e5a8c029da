package io.loomvisor.benchmarks.net;

import io.loomvisor.net.NetStack;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.tcp.Accepted;
import io.loomvisor.net.tcp.TcpEndpoint;
import io.loomvisor.net.wire.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Connections between two stacks that share a process, a packet pool and a cable. */
final class StackStreams implements Streams {
  private static final IpAddress SERVER = IpAddress.parse("10.0.0.1");

  private static final long PATIENCE = 1_000_000_000L;

  private final NetStack server;
  private final NetStack client;
  private final TcpEndpoint listener;
  private final List<TcpEndpoint> near = new ArrayList<>();
  private final List<TcpEndpoint> far = new ArrayList<>();

  StackStreams(PipeLink[] cable) {
    PacketPool pool = new PacketPool();
    server = NetStack.builder().pool(pool).link("eth0", cable[0]).address("10.0.0.1/24").build();
    client = NetStack.builder().pool(pool).link("eth0", cable[1]).address("10.0.0.2/24").build();
    listener = server.tcp().open(false);
    listener.bind(SERVER, 80);
    listener.listen(128);
  }

  @Override
  public int open() throws IOException {
    TcpEndpoint c = client.tcp().open(false);
    int r = c.connect(SERVER, 80);
    Accepted a = listener.accept();
    // A timer of the stack's may hold a mailbox just now; then its thread does the rest.
    for (long end = System.nanoTime() + PATIENCE; a.error() != 0 && System.nanoTime() < end; ) {
      Thread.onSpinWait();
      a = listener.accept();
    }
    if (r != -Errno.EINPROGRESS || a.error() != 0) {
      throw new IOException("connect " + r + ", accept " + a.error());
    }
    near.add(c);
    far.add(a.endpoint());
    return near.size() - 1;
  }

  private TcpEndpoint end(int connection, boolean isFar) {
    return (isFar ? far : near).get(connection);
  }

  @Override
  public int write(int connection, boolean fromFar, byte[] a, int length) throws IOException {
    return count(end(connection, fromFar).write(a, 0, length, false));
  }

  @Override
  public int read(int connection, boolean atFar, byte[] a, int length) throws IOException {
    return count(end(connection, atFar).read(a, 0, length));
  }

  private static int count(int result) throws IOException {
    if (result < 0 && result != -Errno.EAGAIN) {
      throw new IOException("errno " + -result);
    }
    return Math.max(result, 0);
  }

  @Override
  public void reset(int connection) {
    near.get(connection).linger(true, 0);
    near.get(connection).close();
    far.get(connection).close();
  }

  @Override
  public void close() {
    server.close();
    client.close();
  }
}
