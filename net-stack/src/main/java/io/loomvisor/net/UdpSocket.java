package io.loomvisor.net;

import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.udp.DatagramInfo;
import io.loomvisor.net.udp.UdpEndpoint;
import io.loomvisor.net.wire.IpAddress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Datagrams; {@link #receive} waits for one. Any thread may call. */
public final class UdpSocket implements AutoCloseable {
  private final UdpEndpoint endpoint;
  private final Waiting waiting = new Waiting();
  private volatile long timeoutMillis;

  private UdpSocket(UdpEndpoint endpoint) {
    this.endpoint = endpoint;
    endpoint.onReadiness(waiting);
  }

  /** The blocking form of an endpoint, which belongs to it from now on. */
  public static UdpSocket of(UdpEndpoint endpoint) {
    return new UdpSocket(endpoint);
  }

  static UdpSocket open(UdpEndpoint e, SocketAddress at) throws IOException {
    int r = e.bind(at.address(), at.port());
    if (r < 0) {
      e.close();
      throw SocketErrors.of(-r);
    }
    return new UdpSocket(e);
  }

  public UdpEndpoint endpoint() {
    return endpoint;
  }

  /** How long {@link #receive} may wait in real time; 0: for ever, the default. */
  public UdpSocket timeout(long millis) {
    timeoutMillis = millis;
    return this;
  }

  public UdpSocket option(SocketOption o, int value) throws IOException {
    SocketErrors.check(endpoint.setOption(o, value));
    return this;
  }

  /** From now on exchanges datagrams with one peer only. */
  public UdpSocket connect(SocketAddress peer) throws IOException {
    SocketErrors.check(endpoint.connect(peer.address(), peer.port()));
    return this;
  }

  /** Joins a group on the interface of that number; 0: by route. */
  public void join(IpAddress group, int nicId) throws IOException {
    SocketErrors.check(endpoint.join(group, nicId));
  }

  public void leave(IpAddress group, int nicId) throws IOException {
    SocketErrors.check(endpoint.leave(group, nicId));
  }

  /** Sends what remains of {@code data}. */
  public void send(SocketAddress to, ByteBuffer data) throws IOException {
    int n = data.remaining();
    MemorySegment m = MemorySegment.ofBuffer(data);
    SocketErrors.check(endpoint.send(to.address(), to.port(), m, 0, n, false));
    data.position(data.limit());
  }

  /** To the connected peer. */
  public void send(ByteBuffer data) throws IOException {
    int n = data.remaining();
    SocketErrors.check(endpoint.send(null, 0, MemorySegment.ofBuffer(data), 0, n, false));
    data.position(data.limit());
  }

  /** Waits for a datagram; what does not fit is lost. */
  public DatagramInfo receive(ByteBuffer to) throws IOException {
    DatagramInfo info = new DatagramInfo();
    MemorySegment m = MemorySegment.ofBuffer(to);
    int room = to.remaining();
    int n = waiting.until(() -> endpoint.receive(m, 0, room, false, info), timeoutMillis);
    SocketErrors.check(n);
    to.position(to.position() + n);
    return info;
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
