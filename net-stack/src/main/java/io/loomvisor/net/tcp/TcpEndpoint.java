package io.loomvisor.net.tcp;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketHandler;
import io.loomvisor.net.ip.IcmpError;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Events;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.wire.IpAddress;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One TCP socket. Operations never wait: they return a count or 0, or a negative Linux errno
 * ({@link Errno}); -EAGAIN and -EINPROGRESS are followed by a call of the {@link
 * Readiness.Listener}. Any thread may call them, except from inside a mailbox of the stack. The
 * mailbox owns the state, that of the {@link Connection} and of the {@link Listener} included.
 */
public final class TcpEndpoint extends Mailbox implements PacketHandler {
  /** Packets that may wait for a busy mailbox. */
  private static final int MAX_WAITING = 2048;

  private final TcpLayer layer;
  private final boolean v6;
  private final AtomicInteger waiting = new AtomicInteger();
  private final EndpointOptions options;
  private final Timers timers;
  private final Segment segment = new Segment();
  private final StreamOperations stream = new StreamOperations();
  private final OptionAccess optionAccess;
  private final Events events = new Events();
  private final LocalName name;
  private Connection connection;
  private Listener listener;
  private boolean closed;

  /** A connection attempt was made and its outcome was not yet told. */
  private boolean connecting;

  /** What {@link #readiness} shows; written when the mailbox is let go. */
  private volatile int readiness;

  /** When TIME-WAIT began, for those who would like to have the ports; 0: not in it. */
  private volatile long timeWaitSince;

  TcpEndpoint(TcpLayer layer, boolean v6, EndpointOptions options) {
    this.layer = layer;
    this.v6 = v6;
    this.options = options;
    this.name = new LocalName(layer, v6, options);
    this.timers = new Timers(layer.clock(), () -> tell(this::expire));
    this.optionAccess = new OptionAccess(this, layer, options);
    readiness = Readiness.OUT | Readiness.HUP;
  }

  public boolean v6() {
    return v6;
  }

  // Names

  /**
   * bind(2): 0 or a negative errno. Whether a port below 1024 is allowed is the caller's affair.
   */
  public int bind(IpAddress address, int port) {
    return ask(() -> doBind(address, port));
  }

  private int doBind(IpAddress address, int port) {
    if (closed) {
      return -Errno.EBADF;
    }
    return connection != null ? -Errno.EINVAL : name.bind(address, port);
  }

  /** getsockname(2). */
  public SocketAddress localAddress() {
    return ask(
        () ->
            connection != null
                ? new SocketAddress(name.shown(connection.flow.local()), connection.flow.localPort)
                : new SocketAddress(name.shown(name.address()), name.port()));
  }

  /** getpeername(2), or null if there is no connection (ENOTCONN). */
  public SocketAddress peerAddress() {
    return ask(
        () -> {
          boolean known =
              connection != null
                  && connection.state != State.CLOSED
                  && connection.state != State.TIME_WAIT
                  && connection.state != State.SYN_SENT;
          return known
              ? new SocketAddress(name.shown(connection.flow.remote()), connection.flow.remotePort)
              : null;
        });
  }

  /** The peer as tables show it, also while opening and in TIME-WAIT; null if there is none. */
  public SocketAddress remoteAddress() {
    return ask(
        () ->
            connection == null || connection.state == State.CLOSED
                ? null
                : new SocketAddress(
                    name.shown(connection.flow.remote()), connection.flow.remotePort));
  }

  // Opening

  /** listen(2); again to change the backlog. 0 or a negative errno. */
  public int listen(int backlog) {
    return ask(() -> doListen(backlog));
  }

  /**
   * bind(2) and listen(2) of a service that the host has beside its sockets: it gets the
   * connections to exactly that address, and takes the port from nobody. 0 or a negative errno.
   */
  public int listenBeside(IpAddress address, int port, int backlog) {
    return ask(
        () -> {
          options.beside = true;
          int r = doBind(address, port);
          return r < 0 ? r : doListen(backlog);
        });
  }

  /** Whether it is no socket's, but {@link #listenBeside} a service's or a connection to one. */
  boolean beside() {
    return options.beside;
  }

  private int doListen(int backlog) {
    if (closed) {
      return -Errno.EBADF;
    }
    if (listener != null) {
      listener.backlog(backlog);
      return 0;
    }
    // Also while the outcome of a connect has not been asked for (inet_listen: SS_CONNECTING).
    if (connecting || connection != null && connection.state != State.CLOSED) {
      return -Errno.EINVAL;
    }
    int r = name.listen();
    if (r < 0) {
      return r;
    }
    connection = null;
    listener = new Listener(this, layer, options, timers);
    listener.backlog(backlog);
    boolean dual = v6 && !options.v6Only;
    layer
        .listeners()
        .add(name.port(), new ListenerTable.Entry(this, name.address(), dual, options.nicId));
    return 0;
  }

  /** accept(2): -EAGAIN if there is none, -EINVAL if this does not listen. */
  public Accepted accept() {
    return ask(
        () -> {
          if (listener == null) {
            return new Accepted(null, -Errno.EINVAL);
          }
          TcpEndpoint e = listener.accept();
          return new Accepted(e, e == null ? -Errno.EAGAIN : 0);
        });
  }

  /**
   * connect(2): -EINPROGRESS once begun; then OUT is reported, and SO_ERROR or another call tells
   * the outcome.
   */
  public int connect(IpAddress address, int port) {
    return ask(() -> doConnect(address, port));
  }

  private int doConnect(IpAddress address, int port) {
    if (closed) {
      return -Errno.EBADF;
    }
    if (listener != null) {
      return -Errno.EISCONN;
    }
    if (connecting) {
      return outcome();
    }
    if (connection != null && (connection.state != State.CLOSED || connection.everOpen())) {
      return -Errno.EISCONN;
    }
    if (address.v6() != v6) {
      return v6 ? -Errno.EINVAL : -Errno.EAFNOSUPPORT;
    }
    if (address.isMapped() && options.v6Only) {
      return -Errno.ENETUNREACH;
    }
    if (port < 0 || port > 65_535) {
      return -Errno.EINVAL;
    }
    return begin(address.unmapped(), port);
  }

  /** connect(2) with AF_UNSPEC: resets a connection, after which there may be another. */
  public int disconnect() {
    return ask(
        () -> {
          if (listener != null) {
            stopListening();
          }
          if (connection != null) {
            connection.abort();
            connection = null;
            connecting = false;
          }
          name.releaseUnlessLocked();
          return 0;
        });
  }

  /** connect(2) called again. */
  private int outcome() {
    if (connection.state == State.SYN_SENT || connection.state == State.SYN_RECEIVED) {
      return -Errno.EALREADY;
    }
    connecting = false;
    int e = connection.takeError();
    return e == 0 && connection.state == State.CLOSED ? -Errno.ECONNABORTED : -e;
  }

  private int begin(IpAddress asked, int port) {
    // Linux: the unspecified address means this host.
    IpAddress to =
        asked.isUnspecified() ? (asked.v6() ? IpAddress.LOOPBACK6 : IpAddress.LOOPBACK4) : asked;
    if (to.isMulticast() || layer.ip().isBroadcast(to)) {
      return -Errno.ENETUNREACH;
    }
    IpAddress from = name.address().isUnspecified() ? null : name.address();
    if (from != null && from.v6() != to.v6()) {
      return -Errno.ENETUNREACH;
    }
    var path = layer.ip().path(to, from, options.nicId);
    if (path == null) {
      return -Errno.ENETUNREACH;
    }
    FlowKey flow = new FlowKey(path.source(), name.port(), to, port);
    int entered = name.enter(flow, this);
    if (entered < 0) {
      return entered;
    }
    connection = new Connection(this, layer, options, timers, flow);
    connection.open();
    connecting = !connection.deferred();
    return connecting ? -Errno.EINPROGRESS : 0;
  }

  /**
   * sendto(2) with MSG_FASTOPEN: connects, with the data in the SYN if the server's cookie is known
   * (RFC 7413). Otherwise -EINPROGRESS, the connection is being opened as by {@link #connect}, and
   * nothing was taken.
   */
  public int connectAndWrite(IpAddress address, int port, byte[] a, int offset, int length) {
    return ask(
        () -> {
          if ((layer.settings().fastOpen & FastOpen.CLIENT) == 0) {
            return -Errno.EOPNOTSUPP;
          }
          boolean before = options.fastOpenConnect;
          options.fastOpenConnect = true;
          int r = doConnect(address, port);
          options.fastOpenConnect = before;
          return r < 0 ? r : stream.write(connection, a, offset, length, false);
        });
  }

  /** A connection that a listener has completed; null if its flow is taken. */
  TcpEndpoint spawn(Embryo e) {
    TcpEndpoint child = new TcpEndpoint(layer, v6, new EndpointOptions(options));
    child.connection = new Connection(child, layer, child.options, child.timers, e.flow);
    child.connection.adopt(e);
    if (!layer.enter(e.flow, child)) {
      child.timers.clearAll();
      return null;
    }
    child.name.inherit(e.flow);
    child.onBatchEnd();
    return child;
  }

  /** As {@link #spawn}, by a SYN with a cookie, before the handshake is complete. */
  TcpEndpoint spawnEarly(Embryo e, Segment s, AtomicInteger pending) {
    TcpEndpoint child = new TcpEndpoint(layer, v6, new EndpointOptions(options));
    child.connection = new Connection(child, layer, child.options, child.timers, e.flow);
    child.connection.adoptEarly(e, s);
    if (!layer.enter(e.flow, child)) {
      return null;
    }
    child.connection.countEarly(pending);
    child.name.inherit(e.flow);
    child.onBatchEnd();
    child.tell(child.connection::answerEarly);
    return child;
  }

  // Data

  /** read(2): a count, 0 at the end, or a negative errno. */
  public int read(byte[] a, int offset, int length) {
    return ask(() -> stream.read(connection, a, offset, length, false));
  }

  /** recv(2) with MSG_PEEK. */
  public int peek(byte[] a, int offset, int length) {
    return ask(() -> stream.read(connection, a, offset, length, true));
  }

  public int read(MemorySegment m, long offset, int length, boolean peek) {
    return ask(() -> stream.read(connection, m, offset, length, peek));
  }

  /** recv(2) with MSG_TRUNC: throws data away. */
  public int discard(int length) {
    return ask(() -> stream.discard(connection, length));
  }

  /** recv(2) with MSG_OOB: the urgent byte, or a negative errno. */
  public int readUrgent(boolean peek) {
    return ask(() -> stream.readUrgent(connection, peek));
  }

  /**
   * send(2): how many bytes were taken, or a negative errno; -EPIPE is for the caller to turn into
   * SIGPIPE.
   *
   * @param more MSG_MORE: a partial segment is held back
   */
  public int write(byte[] a, int offset, int length, boolean more) {
    return ask(() -> stream.write(connection, a, offset, length, more));
  }

  public int write(MemorySegment m, long offset, int length, boolean more) {
    return ask(() -> stream.write(connection, m, offset, length, more));
  }

  /** send(2) with MSG_OOB: the last byte is urgent. */
  public int writeUrgent(byte[] a, int offset, int length) {
    return ask(() -> stream.writeUrgent(connection, a, offset, length));
  }

  /** SIOCINQ. */
  public int available() {
    return ask(() -> connection == null ? 0 : connection.receiver.available());
  }

  /** SIOCOUTQ: bytes written and not acknowledged. */
  public int unacknowledged() {
    return ask(() -> connection == null ? 0 : (int) connection.sender.held());
  }

  /** SIOCOUTQNSD: bytes written and not sent. */
  public int unsent() {
    return ask(() -> connection == null ? 0 : (int) connection.sender.unsent());
  }

  /** SIOCATMARK. */
  public boolean atMark() {
    return ask(() -> connection != null && connection.receiver.urgent.atMark());
  }

  // Closing

  /** shutdown(2): 0 or a negative errno. */
  public int shutdown(boolean read, boolean write) {
    return ask(() -> doShutdown(read, write));
  }

  private int doShutdown(boolean read, boolean write) {
    if (listener != null) {
      if (read) {
        stopListening();
      }
      return 0;
    }
    // To its application a connection in TIME-WAIT is gone, as in Linux.
    boolean gone =
        connection == null
            || connection.state == State.CLOSED
            || connection.state == State.TIME_WAIT;
    if (gone) {
      return -Errno.ENOTCONN;
    }
    if (connection.state == State.SYN_SENT) {
      connection.abort();
      connecting = false;
      return 0;
    }
    if (read) {
      connection.receiveShut = true;
    }
    if (write) {
      connection.shutSend();
    }
    event(Readiness.IN | Readiness.OUT | Readiness.RDHUP);
    return 0;
  }

  private void stopListening() {
    layer.listeners().remove(name.port(), this);
    timers.clearAll();
    listener.close();
    listener = null;
    name.releaseUnlessLocked();
    event(Readiness.IN | Readiness.HUP);
  }

  /**
   * True if nothing written is unacknowledged, the FIN included: what a close(2) with SO_LINGER
   * waits for after {@code shutdown(false, true)}.
   */
  public boolean drained() {
    return ask(
        () ->
            connection == null
                || connection.state == State.CLOSED
                || connection.sender.held() == 0 && connection.sender.finAcknowledged());
  }

  /**
   * close(2): the endpoint must not be used any more. What was written is still sent; with unread
   * data, or SO_LINGER of zero seconds, the connection is reset.
   */
  public void close() {
    ask(this::doClose);
  }

  private void doClose() {
    if (closed) {
      return;
    }
    closed = true;
    events.mute();
    if (listener != null) {
      stopListening();
    }
    if (connection == null || connection.state == State.CLOSED) {
      name.release();
      if (connection != null) {
        connection.receiver.free();
      }
      return;
    }
    new Orphaning(connection, options).run();
  }

  /** The listener closes that has this in its queue. */
  void abandon() {
    tell(
        () -> {
          closed = true;
          connection.orphaned = true;
          connection.abort();
          name.release();
        });
  }

  /** Another connection has taken the addresses and ports that waited here. */
  void yieldPorts() {
    tell(
        () -> {
          if (connection.state == State.TIME_WAIT) {
            connection.finish();
          }
        });
  }

  /** True if a new connection may take this one's ports (tcp_tw_reuse). */
  boolean yieldsTimeWait(long now) {
    long since = timeWaitSince;
    return since != 0 && now - since > 1_000_000_000L;
  }

  // Readiness

  /** Who hears of events; replaces the one before. */
  public void onReadiness(Readiness.Listener l) {
    events.listener(l);
  }

  /** What poll(2) would report now: a mask of {@link Readiness} bits. */
  public int readiness() {
    return readiness;
  }

  private int computeReadiness() {
    if (listener != null) {
      return listener.queued() > 0 ? Readiness.IN : 0;
    }
    return connection == null ? Readiness.OUT | Readiness.HUP : stream.readiness(connection);
  }

  /** Something happened that a poller wants to know. */
  void event(int what) {
    Runnable delivery = events.raise(what);
    if (delivery != null) {
      callOut(delivery);
    }
  }

  /** The peer has acknowledged something: perhaps there is room for more. */
  void roomMade() {
    if (stream.wantsRoom(connection)) {
      event(Readiness.OUT);
    }
  }

  // Options

  /** setsockopt(2): 0 or a negative errno. */
  public int setOption(SocketOption o, int value) {
    return ask(
        () -> {
          int r = optionAccess.set(o, value, connection, name.port() != 0);
          if (r == 0) {
            name.amend();
          }
          return r;
        });
  }

  /** getsockopt(2): the value, or a negative errno. */
  public int getOption(SocketOption o) {
    return ask(() -> optionAccess.get(o, connection, listener));
  }

  /** SO_LINGER. */
  public void linger(boolean on, int seconds) {
    ask(
        () -> {
          options.linger = on;
          options.lingerSeconds = on ? Math.max(seconds, 0) : options.lingerSeconds;
        });
  }

  public boolean lingers() {
    return ask(() -> options.linger);
  }

  public int lingerSeconds() {
    return ask(() -> options.lingerSeconds);
  }

  /** SO_MAX_PACING_RATE; -1: no limit, and no pacing unless the whole stack paces. */
  public void maxPacingRate(long bytesPerSecond) {
    ask(() -> optionAccess.maxPacingRate(bytesPerSecond, connection));
  }

  public long maxPacingRate() {
    return ask(() -> options.maxPacingRate);
  }

  /** TCP_CONGESTION: 0 or -ENOENT. */
  public int congestionControl(String name) {
    return ask(() -> optionAccess.congestion(name, connection));
  }

  public String congestionControl() {
    return ask(() -> options.congestion);
  }

  /** TCP_INFO. */
  public TcpInfo info() {
    return ask(() -> TcpInfo.of(connection, listener, options));
  }

  public State state() {
    return ask(
        () ->
            listener != null ? State.LISTEN : connection == null ? State.CLOSED : connection.state);
  }

  /** SO_ERROR: the pending errno, which is cleared, or 0. */
  public int takeError() {
    return ask(() -> connection == null ? 0 : connection.takeError());
  }

  // Messages

  /** Takes a packet, or drops it if too many wait for the mailbox already (Linux's backlog). */
  void arrive(PacketBuffer p) {
    if (waiting.get() >= MAX_WAITING) {
      layer.mib().count(Counter.TcpExt_TCPBacklogDrop);
      p.release();
      return;
    }
    waiting.incrementAndGet();
    tell(p);
  }

  @Override
  public void onPacket(PacketBuffer p) {
    waiting.decrementAndGet();
    boolean current =
        listener != null
            || connection != null
                && connection.state != State.CLOSED
                && connection.flow.equals(p.flow);
    if (!current) {
      // It was on its way while this was closed or given another peer.
      layer.receiveAgainUnless(this, p);
      return;
    }
    segment.read(p);
    boolean handedOn =
        listener != null ? listener.arrive(p, segment) : connection.arrive(p, segment);
    if (!handedOn) {
      p.release();
    }
  }

  void icmp(int sequence, IcmpError error) {
    tell(
        () -> {
          if (connection != null) {
            connection.icmp(sequence, error);
          }
        });
  }

  private void expire() {
    timers.fired();
    long now = layer.clock().nanoTime();
    Timers.Kind due;
    while ((due = timers.takeDue(now)) != null) {
      if (listener != null) {
        listener.timer(now);
      } else if (connection != null) {
        connection.timer(due, now);
      }
    }
  }

  @Override
  protected void onBatchEnd() {
    timers.settle();
    readiness = computeReadiness();
    boolean waits = connection != null && connection.state == State.TIME_WAIT;
    timeWaitSince = waits && connection.mayYield() ? connection.timeWaitSince() : 0;
  }

  // From the connection

  void connected() {
    event(Readiness.OUT);
  }

  void connectionEnded() {
    layer.leave(connection.flow, this);
    // A port that was not asked for by number is only used as long as the connection.
    if (closed) {
      name.release();
    } else {
      name.releaseUnlessLocked();
    }
    event(Readiness.IN | Readiness.OUT | Readiness.HUP | Readiness.RDHUP);
  }
}
