package io.loomvisor.benchmarks.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * The far end of what {@link DeviceMain} measures: the host's own TCP. Each connection begins with
 * one byte that says what it is for.
 */
final class DevicePeer {
  static final int PORT = 5001;
  static final byte TAKE = 'T';
  static final byte GIVE = 'G';
  static final byte ECHO = 'E';
  static final int CHUNK = 1 << 16;

  private DevicePeer() {}

  /** Serves one connection after the other until it is killed. */
  static void serve() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(PORT), 8);
      System.out.println("ready");
      for (; ; ) {
        try (SocketChannel c = listener.accept()) {
          c.setOption(StandardSocketOptions.TCP_NODELAY, true);
          serve(c, buffer);
        } catch (IOException e) {
          // A measurement ends by closing, whatever is still under way: a reset is its usual end,
          // and
          // the near end says so if it is not.
          continue;
        }
      }
    }
  }

  private static void serve(SocketChannel c, ByteBuffer buffer) throws IOException {
    buffer.clear().limit(1);
    if (c.read(buffer) != 1) {
      return;
    }
    byte what = buffer.flip().get();
    while (what == GIVE || c.read(buffer.clear()) > 0) {
      switch (what) {
        case GIVE -> c.write(buffer.clear());
        case ECHO -> c.write(buffer.flip());
        default -> {}
      }
    }
  }
}
