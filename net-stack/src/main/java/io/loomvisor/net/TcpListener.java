package io.loomvisor.net;

import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.tcp.Accepted;
import io.loomvisor.net.tcp.TcpEndpoint;
import java.io.IOException;

/** Takes connections; {@link #accept} waits for one. Any thread may call. */
public final class TcpListener implements AutoCloseable {
  private final TcpEndpoint endpoint;
  private final Waiting waiting = new Waiting();
  private volatile long timeoutMillis;

  private TcpListener(TcpEndpoint endpoint) {
    this.endpoint = endpoint;
    endpoint.onReadiness(waiting);
  }

  static TcpListener open(TcpEndpoint e, SocketAddress at, int backlog) throws IOException {
    e.setOption(SocketOption.SO_REUSEADDR, 1);
    int r = e.bind(at.address(), at.port());
    r = r < 0 ? r : e.listen(backlog);
    if (r < 0) {
      e.close();
      throw SocketErrors.of(-r);
    }
    return new TcpListener(e);
  }

  /** Over an endpoint that listens; closes it when it is closed. */
  public static TcpListener of(TcpEndpoint listening) {
    return new TcpListener(listening);
  }

  public TcpEndpoint endpoint() {
    return endpoint;
  }

  /** How long {@link #accept} may wait in real time; 0: for ever, the default. */
  public TcpListener timeout(long millis) {
    timeoutMillis = millis;
    return this;
  }

  public TcpSocket accept() throws IOException {
    TcpEndpoint[] found = {null};
    int r =
        waiting.until(
            () -> {
              Accepted a = endpoint.accept();
              found[0] = a.endpoint();
              return a.error();
            },
            timeoutMillis);
    SocketErrors.check(r);
    return new TcpSocket(found[0]);
  }

  public SocketAddress localAddress() {
    return endpoint.localAddress();
  }

  @Override
  public void close() {
    if (waiting.close()) {
      endpoint.close();
    }
  }
}
