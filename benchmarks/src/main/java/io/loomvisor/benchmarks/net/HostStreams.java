package io.loomvisor.benchmarks.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Connections of java.nio over the host's loopback, through direct buffers. */
final class HostStreams implements Streams {
  private final ServerSocketChannel listener = ServerSocketChannel.open();
  private final ByteBuffer out = ByteBuffer.allocateDirect(1 << 16);
  private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 16);
  private final List<SocketChannel> near = new ArrayList<>();
  private final List<SocketChannel> far = new ArrayList<>();

  HostStreams() throws IOException {
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
  }

  @Override
  public int open() throws IOException {
    near.add(SocketChannel.open(listener.getLocalAddress()));
    far.add(listener.accept());
    near.getLast().setOption(StandardSocketOptions.TCP_NODELAY, true).configureBlocking(false);
    far.getLast().setOption(StandardSocketOptions.TCP_NODELAY, true).configureBlocking(false);
    return near.size() - 1;
  }

  private SocketChannel end(int connection, boolean isFar) {
    return (isFar ? far : near).get(connection);
  }

  @Override
  public int write(int connection, boolean fromFar, byte[] a, int length) throws IOException {
    out.clear().put(a, 0, length).flip();
    return end(connection, fromFar).write(out);
  }

  @Override
  public int read(int connection, boolean atFar, byte[] a, int length) throws IOException {
    in.clear().limit(length);
    int n = Math.max(0, end(connection, atFar).read(in));
    in.flip().get(a, 0, n);
    return n;
  }

  @Override
  public void reset(int connection) throws IOException {
    near.get(connection).setOption(StandardSocketOptions.SO_LINGER, 0);
    near.get(connection).close();
    far.get(connection).close();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (int i = 0; i < near.size(); i++) {
      near.get(i).close();
      far.get(i).close();
    }
  }
}
