package io.loomvisor.net.tcp;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.ip.IcmpError;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.ip.RateLimit;
import io.loomvisor.net.ip.Transport;
import io.loomvisor.net.socket.EphemeralPorts;
import io.loomvisor.net.socket.PortTable;
import io.loomvisor.net.socket.SipHash;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Tcp;
import io.loomvisor.net.wire.TcpOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * TCP as a whole: finds the endpoint of a segment, answers what belongs to none, and holds what
 * connections share. Any thread may call.
 */
public final class TcpLayer implements Transport {
  private final IpLayer ip;
  private final TcpSettings settings;
  private final FastOpen fastOpen = new FastOpen();
  private final TcpOutput output;
  private final PortTable ports = new PortTable();
  private final EphemeralPorts ephemeral = new EphemeralPorts();
  private final ConcurrentHashMap<FlowKey, TcpEndpoint> connections = new ConcurrentHashMap<>();
  private final ListenerTable listeners = new ListenerTable();
  private final SynCookies cookies = new SynCookies();
  private final SipHash sequences = SipHash.random();
  private final SipHash timestamps = SipHash.random();
  private final AtomicInteger timeWaits = new AtomicInteger();
  private final AtomicInteger orphans = new AtomicInteger();
  private final RateLimit challenges;

  public TcpLayer(IpLayer ip, TcpSettings settings) {
    this.ip = ip;
    this.settings = settings;
    output = new TcpOutput(ip);
    challenges = new RateLimit(ip.clock(), settings.challengeAcks, settings.challengeAcks);
    ip.register(IpProtocol.TCP, this);
  }

  /** A new endpoint: AF_INET6 if {@code v6}, else AF_INET. */
  public TcpEndpoint open(boolean v6) {
    return new TcpEndpoint(this, v6, new EndpointOptions(settings));
  }

  public TcpSettings settings() {
    return settings;
  }

  /** Connections in the table, TIME-WAIT included. */
  public int connections() {
    return connections.size();
  }

  /** Listeners and connections, TIME-WAIT included, as /proc/net/tcp lists them; a snapshot. */
  public List<TcpEndpoint> endpoints() {
    List<TcpEndpoint> all = new ArrayList<>(listeners.all());
    all.addAll(connections.values());
    all.removeIf(TcpEndpoint::beside);
    return all;
  }

  IpLayer ip() {
    return ip;
  }

  Mib mib() {
    return ip.mib();
  }

  Clock clock() {
    return ip.clock();
  }

  FastOpen fastOpen() {
    return fastOpen;
  }

  TcpOutput output() {
    return output;
  }

  PortTable ports() {
    return ports;
  }

  EphemeralPorts ephemeral() {
    return ephemeral;
  }

  ListenerTable listeners() {
    return listeners;
  }

  SynCookies cookies() {
    return cookies;
  }

  boolean mayChallenge() {
    return challenges.tryTake();
  }

  // Numbers nobody can guess

  /** RFC 6528 section 3: a clock of 4 microseconds plus a keyed hash of the flow. */
  int initialSequence(FlowKey f) {
    return (int) (hash(sequences, f) + clock().nanoTime() / (4 * Clock.MICROSECOND));
  }

  int timestampOffset(FlowKey f) {
    return (int) timestamps.hash(f.localHi, f.localLo, f.remoteHi, f.remoteLo, 0);
  }

  int timestamp(FlowKey f) {
    return (int) (clock().nanoTime() / Clock.MILLISECOND) + timestampOffset(f);
  }

  private static long hash(SipHash h, FlowKey f) {
    long ports = (long) f.localPort << 16 | f.remotePort;
    return h.hash(f.localHi, f.localLo, f.remoteHi, f.remoteLo, ports);
  }

  /** RFC 7323 section 2.3: enough for the largest buffer there may be. */
  int windowShift(EndpointOptions o) {
    if (!settings.windowScaling) {
      return 0;
    }
    long most = Math.max(settings.maxReceiveBuffer, o.receiveBuffer);
    int shift = 0;
    while (most > 0xffff && shift < TcpOptions.MAX_WINDOW_SCALE) {
      most >>= 1;
      shift++;
    }
    return shift;
  }

  // The table of connections

  /** Enters a connection; false if there is one with the same addresses and ports. */
  boolean enter(FlowKey key, TcpEndpoint e) {
    TcpEndpoint old = connections.putIfAbsent(key, e);
    if (old == null) {
      return true;
    }
    if (old.yieldsTimeWait(clock().nanoTime()) && connections.replace(key, old, e)) {
      old.yieldPorts();
      return true;
    }
    return false;
  }

  /** The connection with these addresses and ports, or null. */
  TcpEndpoint connection(FlowKey key) {
    return connections.get(key);
  }

  void leave(FlowKey key, TcpEndpoint e) {
    connections.remove(key, e);
  }

  boolean timeWaitAdmitted() {
    return timeWaits.incrementAndGet() <= settings.maxTimeWait;
  }

  void timeWaitLeft() {
    timeWaits.decrementAndGet();
  }

  boolean orphanAdmitted() {
    return orphans.incrementAndGet() <= settings.maxOrphans;
  }

  void orphanLeft() {
    orphans.decrementAndGet();
  }

  // Packets

  @Override
  public void receive(PacketBuffer p) {
    mib().count(Counter.Tcp_InSegs);
    byte[] a = p.array();
    int at = p.start();
    FlowKey f = p.flow;
    if (!Tcp.check(a, at, p.length())) {
      mib().count(Counter.Tcp_InErrs);
      p.release();
      return;
    }
    int n = p.length();
    if (!p.checksumTrusted && !Checksum.valid(Checksum.add(TcpOutput.pseudo(f, n), a, at, n))) {
      mib().count(Counter.Tcp_InCsumErrors);
      mib().count(Counter.Tcp_InErrs);
      p.release();
      return;
    }
    f.localPort = Tcp.destinationPort(a, at);
    f.remotePort = Tcp.sourcePort(a, at);
    // A connection has unicast addresses only, so its segments need not be looked at for that.
    TcpEndpoint e = connections.get(f);
    if (e != null) {
      e.arrive(p);
    } else if (ip.isLocal(f.local()) && unicastPeer(p)) {
      receiveAgain(p);
    } else {
      mib().count(Counter.Tcp_InErrs);
      p.release();
    }
  }

  /** RFC 9293 section 3.9.2.3 (MUST-57): neither broadcast nor multicast. */
  private boolean unicastPeer(PacketBuffer p) {
    return !p.linkMulticast && !p.flow.remote().isMulticast() && !p.flow.remote().isUnspecified();
  }

  /** Finds the endpoint of a checked packet. */
  void receiveAgain(PacketBuffer p) {
    receiveAgainUnless(null, p);
  }

  /** As {@link #receiveAgain}, when {@code gone} could do nothing with it. */
  void receiveAgainUnless(TcpEndpoint gone, PacketBuffer p) {
    TcpEndpoint e = connections.get(p.flow);
    if (e == null) {
      e = listeners.find(p.flow, p.nicId);
    }
    if (e != null && e != gone) {
      e.arrive(p);
      return;
    }
    Segment s = new Segment();
    s.read(p);
    refuse(p, s);
    p.release();
  }

  /** RFC 9293 section 3.10.7.1: answers with a reset, unless it is one. Does not release. */
  void refuse(PacketBuffer p, Segment s) {
    if (s.has(Tcp.RST)) {
      return;
    }
    Path path = ip.path(p.flow.remote(), p.flow.local(), 0);
    if (path == null) {
      return;
    }
    boolean ack = s.has(Tcp.ACK);
    int length = s.length + (s.has(Tcp.SYN) ? 1 : 0) + (s.has(Tcp.FIN) ? 1 : 0);
    output.send(
        path,
        p.flow,
        0,
        0,
        ack ? s.wireAck : 0,
        ack ? 0 : s.wireSeq + length,
        ack ? Tcp.RST : Tcp.RST | Tcp.ACK,
        0,
        0,
        new TcpOptions(),
        null,
        0,
        0,
        0);
  }

  @Override
  public void error(FlowKey flow, int sequence, IcmpError error) {
    TcpEndpoint e = connections.get(flow);
    if (e != null) {
      e.icmp(sequence, error);
    }
  }
}
