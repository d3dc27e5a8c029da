package io.loomvisor.net.conntrack;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.Icmp4;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.IpView;
import io.loomvisor.net.wire.Tcp;
import io.loomvisor.net.wire.Udp;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Finds or begins the connection of each packet. Only the actor that it belongs to calls it, but
 * for {@link #settings} and {@link #statistics}.
 */
public final class Tracker {
  /** UDP answered for longer than this is a stream (net/netfilter/nf_conntrack_proto_udp.c). */
  private static final long STREAM_AFTER = 2 * Clock.SECOND;

  private final Clock clock;
  private final ConntrackSettings settings;
  private final ConnectionTable table;
  private final LongAdder invalid = new LongAdder();
  private final LongAdder insertFailed = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder earlyDropped = new LongAdder();

  /** By the names of /proc/net/stat/nf_conntrack. */
  public record Statistics(long invalid, long insertFailed, long drop, long earlyDrop) {}

  public Tracker(Clock clock, ConntrackSettings settings) {
    this.clock = clock;
    this.settings = settings;
    this.table = new ConnectionTable(clock.nanoTime());
  }

  public ConntrackSettings settings() {
    return settings;
  }

  public Statistics statistics() {
    return new Statistics(invalid.sum(), insertFailed.sum(), dropped.sum(), earlyDropped.sum());
  }

  /**
   * What {@code p} belongs to.
   *
   * @param begin whether a new connection may begin; otherwise such a packet is untracked
   * @param foreign it comes from elsewhere, so its checksum counts
   */
  public Tracking track(PacketBuffer p, IpView v, boolean begin, boolean foreign) {
    if (v.protocol() == IpProtocol.ICMPV6 && v.has(1) && isNeverTracked(p.array(), v)) {
      return Tracking.UNTRACKED;
    }
    if (!isSound(p, v, foreign)) {
      return invalid();
    }
    byte[] a = p.array();
    if (v.isIcmp() && v.has(8) && isError(a, v)) {
      return related(a, v);
    }
    Tuple t = Tuple.of(a, v);
    if (t == null) {
      return invalid();
    }
    long now = clock.nanoTime();
    Connection c = table.find(t);
    if (c != null && c.expiresAt <= now) {
      table.remove(c);
      c = null;
    }
    if (c == null) {
      return begin ? begin(a, v, t, now) : Tracking.UNTRACKED;
    }
    boolean reply = !t.equals(c.original());
    if (c.tcp != null) {
      switch (c.tcp.segment(a, v, reply, settings.tcpBeLiberal)) {
        case INVALID -> {
          return invalid();
        }
        case REOPENS -> {
          table.remove(c);
          return begin ? begin(a, v, t, now) : Tracking.UNTRACKED;
        }
        case VALID -> {}
      }
    }
    return continued(c, reply, now);
  }

  /** Neighbour discovery and group membership (RFC 4890 section 4.3.2: they stay on their link). */
  private static boolean isNeverTracked(byte[] a, IpView v) {
    int type = Bytes.u8(a, v.transport());
    return type >= Icmp6.MLD_QUERY && type <= Icmp6.NDP_REDIRECT || type == Icmp6.MLD2_REPORT;
  }

  private Tracking invalid() {
    invalid.increment();
    return Tracking.INVALID;
  }

  /** The transport header is there, and its checksum is right as far as it is checked at all. */
  private boolean isSound(PacketBuffer p, IpView v, boolean foreign) {
    byte[] a = p.array();
    int at = v.transport();
    int length = v.end() - at;
    boolean whole =
        switch (v.protocol()) {
          case IpProtocol.TCP -> v.has(Tcp.MIN_HEADER) && Tcp.check(a, at, length);
          case IpProtocol.UDP -> v.has(Udp.HEADER) && Udp.check(a, at, length);
          case IpProtocol.ICMP, IpProtocol.ICMPV6 -> v.has(Icmp4.HEADER);
          default -> !v.later();
        };
    if (!whole || v.fragment()) {
      return whole;
    }
    boolean summed = v.checksumField() >= 0 && !p.checksumTrusted && p.checksumStart == 0;
    if (!summed || !foreign || !settings.checksum) {
      return true;
    }
    if (v.protocol() == IpProtocol.UDP && Udp.checksum(a, at) == 0) {
      return !v.v6();
    }
    int n = v.protocol() == IpProtocol.UDP ? Udp.length(a, at) : length;
    long pseudo =
        v.protocol() == IpProtocol.ICMP
            ? 0
            : Checksum.pseudo(v.source(a), v.destination(a), v.protocol(), n);
    return Checksum.valid(Checksum.add(pseudo, a, at, n));
  }

  private static boolean isError(byte[] a, IpView v) {
    int type = Bytes.u8(a, v.transport());
    return v.v6() ? Icmp6.isError(type) : Icmp4.isError(type);
  }

  /** An ICMP error is related to the connection whose packet it quotes (RFC 5508 section 4.2). */
  private Tracking related(byte[] a, IpView v) {
    IpView quoted = IpView.of(a, v.transport() + Icmp4.HEADER, v.end());
    if (quoted == null || quoted.v6() != v.v6()) {
      return invalid();
    }
    Tuple t = Tuple.of(a, quoted);
    if (t == null) {
      return invalid();
    }
    Tuple answer = t.inverse();
    Connection c = table.find(answer);
    if (c == null) {
      return invalid();
    }
    // RFC 5508 REQ-3 (c), RFC 5382 REQ-10: it neither ends nor prolongs the connection.
    return new Tracking(c, Tracking.State.RELATED, !answer.equals(c.original()));
  }

  private Tracking begin(byte[] a, IpView v, Tuple t, long now) {
    TcpState tcp = null;
    if (v.protocol() == IpProtocol.TCP) {
      tcp = new TcpState();
      if (!tcp.begin(a, v, settings.tcpLoose)) {
        return invalid();
      }
    } else if (t.isIcmp() && !t.isQuery()) {
      return invalid();
    }
    Connection c = new Connection(t, tcp, now);
    c.expiresAt = now + timeout(c) * Clock.SECOND;
    return new Tracking(c, Tracking.State.NEW, false);
  }

  private Tracking continued(Connection c, boolean reply, long now) {
    if (reply) {
      c.seeReply();
    }
    boolean assured =
        c.tcp != null
            ? c.tcp.phase() == TcpState.Phase.ESTABLISHED && c.seenReply()
            : c.seenReply() && !c.original().isIcmp() && now - c.begun > STREAM_AFTER;
    if (assured) {
      table.assure(c);
    }
    table.expireAt(c, now + timeout(c) * Clock.SECOND);
    if (c.seenReply()) {
      return new Tracking(c, Tracking.State.ESTABLISHED, reply);
    }
    return new Tracking(c, Tracking.State.NEW, false);
  }

  private long timeout(Connection c) {
    ConntrackSettings s = settings;
    if (c.tcp == null) {
      return switch (c.original().protocol()) {
        case IpProtocol.UDP -> c.assured() ? s.udpTimeoutStream : s.udpTimeout;
        case IpProtocol.ICMP, IpProtocol.ICMPV6 -> s.icmpTimeout;
        default -> s.genericTimeout;
      };
    }
    return switch (c.tcp.phase()) {
      case NONE, SYN_SENT, SYN_SENT2 -> s.tcpTimeoutSynSent;
      case SYN_RECV -> s.tcpTimeoutSynRecv;
      case ESTABLISHED ->
          !c.seenReply() || c.tcp.unacknowledged()
              ? Math.min(s.tcpTimeoutEstablished, s.tcpTimeoutUnacknowledged)
              : s.tcpTimeoutEstablished;
      case FIN_WAIT -> s.tcpTimeoutFinWait;
      case CLOSE_WAIT -> s.tcpTimeoutCloseWait;
      case LAST_ACK -> s.tcpTimeoutLastAck;
      case TIME_WAIT -> s.tcpTimeoutTimeWait;
      case CLOSE -> s.tcpTimeoutClose;
    };
  }

  /**
   * A packet has passed all hooks: its connection, if it is a new one, becomes known.
   *
   * @return false if the packet must be dropped: another connection has its tuple, or there is no
   *     room
   */
  public boolean confirm(Tracking t) {
    Connection c = t.connection();
    if (c == null || c.isConfirmed() || t.reply() || t.state() != Tracking.State.NEW) {
      return true;
    }
    long now = clock.nanoTime();
    if (table.size() >= settings.max) {
      if (!table.dropEarly()) {
        dropped.increment();
        return false;
      }
      earlyDropped.increment();
    }
    if (!table.insert(c, now)) {
      insertFailed.increment();
      return false;
    }
    return true;
  }

  /** True if packets of {@code t} belong to another connection than {@code except}. */
  public boolean isTaken(Tuple t, Connection except) {
    return table.isTaken(t, except);
  }

  /** The connection that packets of {@code t} belong to, or null. */
  public Connection find(Tuple t) {
    return table.find(t);
  }

  public int size() {
    return table.size();
  }

  /** Ends what has expired; to be called about once a second while there is anything. */
  public void expire() {
    table.turn(clock.nanoTime());
  }

  public List<Connection> connections() {
    return table.all();
  }

  /** Ends all but those whose packets would not arrive without their translation. */
  public void keepTranslated() {
    for (Connection c : table.all()) {
      if (!c.sourceTranslated() && !c.destinationTranslated()) {
        table.remove(c);
      }
    }
  }

  public void clear() {
    table.clear();
  }
}
