package io.loomvisor.net;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.tcp.TcpEndpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;

/** A TCP connection whose operations wait, meant for virtual threads. Any thread may call. */
public final class TcpSocket implements ByteChannel {
  private final TcpEndpoint endpoint;
  private final Waiting waiting = new Waiting();
  private volatile long timeoutMillis;

  TcpSocket(TcpEndpoint endpoint) {
    this.endpoint = endpoint;
    endpoint.onReadiness(waiting);
  }

  /** The endpoint behind it, for non-blocking use. */
  public TcpEndpoint endpoint() {
    return endpoint;
  }

  public TcpSocket bind(SocketAddress at) throws IOException {
    SocketErrors.check(endpoint.bind(at.address(), at.port()));
    return this;
  }

  /** Waits until the connection is there. */
  public TcpSocket connect(SocketAddress to) throws IOException {
    int r = waiting.until(() -> attempt(to), timeoutMillis);
    SocketErrors.check(r);
    return this;
  }

  private int attempt(SocketAddress to) {
    int r = endpoint.connect(to.address(), to.port());
    return r == -Errno.EINPROGRESS || r == -Errno.EALREADY ? -Errno.EAGAIN : r;
  }

  /** How long an operation may wait in real time; 0: for ever, the default. */
  public TcpSocket timeout(long millis) {
    timeoutMillis = millis;
    return this;
  }

  public TcpSocket option(SocketOption o, int value) throws IOException {
    SocketErrors.check(endpoint.setOption(o, value));
    return this;
  }

  /** Reads at least one byte unless {@code length} is 0; -1 at the end. */
  public int read(byte[] a, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, a.length);
    return ended(waiting.until(() -> endpoint.read(a, offset, length), timeoutMillis), length);
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    int length = to.remaining();
    MemorySegment m = MemorySegment.ofBuffer(to);
    int n = waiting.until(() -> endpoint.read(m, 0, length, false), timeoutMillis);
    if (n > 0) {
      to.position(to.position() + n);
    }
    return ended(n, length);
  }

  private static int ended(int n, int length) throws IOException {
    SocketErrors.check(n);
    return n == 0 && length > 0 ? -1 : n;
  }

  /** Writes everything. */
  public void write(byte[] a, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, a.length);
    int done = 0;
    while (done < length) {
      int at = offset + done;
      int rest = length - done;
      done +=
          SocketErrors.check(
              waiting.until(() -> endpoint.write(a, at, rest, false), timeoutMillis));
    }
  }

  /** Writes everything that remains. */
  @Override
  public int write(ByteBuffer from) throws IOException {
    int all = from.remaining();
    MemorySegment m = MemorySegment.ofBuffer(from);
    int done = 0;
    while (done < all) {
      int at = done;
      int n =
          SocketErrors.check(
              waiting.until(() -> endpoint.write(m, at, all - at, false), timeoutMillis));
      done += n;
      from.position(from.position() + n);
    }
    return all;
  }

  /** Says that no more will be written; reading goes on. */
  public void shutdownOutput() throws IOException {
    SocketErrors.check(endpoint.shutdown(false, true));
  }

  public void shutdownInput() throws IOException {
    SocketErrors.check(endpoint.shutdown(true, false));
  }

  public SocketAddress localAddress() {
    return endpoint.localAddress();
  }

  /** Null if not connected. */
  public SocketAddress remoteAddress() {
    return endpoint.peerAddress();
  }

  @Override
  public boolean isOpen() {
    return !waiting.isClosed();
  }

  /** What was written is still sent; waits for it only if SO_LINGER says so. */
  @Override
  public void close() throws IOException {
    if (waiting.isClosed()) {
      return;
    }
    try {
      int seconds = endpoint.lingers() ? endpoint.lingerSeconds() : 0;
      if (seconds > 0 && endpoint.shutdown(false, true) == 0) {
        waiting.until(() -> endpoint.drained() ? 0 : -Errno.EAGAIN, seconds * 1000L);
      }
    } catch (SocketTimeoutException e) {
      // close(2): the rest is sent, or not, without anyone waiting.
    } finally {
      if (waiting.close()) {
        endpoint.close();
      }
    }
  }

  /** Its {@code close} closes the socket. */
  public InputStream inputStream() {
    return new Input();
  }

  /** Its {@code close} closes the socket. */
  public OutputStream outputStream() {
    return new Output();
  }

  private final class Input extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return TcpSocket.this.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] a, int offset, int length) throws IOException {
      return TcpSocket.this.read(a, offset, length);
    }

    @Override
    public int available() throws IOException {
      if (!isOpen()) {
        throw new ClosedChannelException();
      }
      return endpoint.available();
    }

    @Override
    public void close() throws IOException {
      TcpSocket.this.close();
    }
  }

  private final class Output extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      TcpSocket.this.write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] a, int offset, int length) throws IOException {
      TcpSocket.this.write(a, offset, length);
    }

    @Override
    public void close() throws IOException {
      TcpSocket.this.close();
    }
  }
}
