package io.loomvisor.net.filter;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.actor.Message;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.conntrack.Connection;
import io.loomvisor.net.conntrack.ConntrackSettings;
import io.loomvisor.net.conntrack.Tracker;
import io.loomvisor.net.conntrack.Tracking;
import io.loomvisor.net.conntrack.Tuple;
import io.loomvisor.net.filter.action.Target;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.ip.PacketFilter;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.nat.Mapper;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.IpAddress;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Applies rules to the packets of one stack and owns its connections. Any thread may call.
 *
 * <p>While connections matter, packets are its messages; what follows a hook (routing, the next
 * hook, delivery) happens inside of it. Otherwise rules are applied where the packet is, and the
 * mailbox has nothing to do.
 */
public final class Firewall extends Mailbox implements PacketFilter, Program.Actions {
  /** Packets that may wait while others are looked at; more are dropped, as by a full link. */
  static final int MAX_WAITING = 8192;

  private final IpLayer ip;
  private final Tracker tracker;
  private final Mapper mapper;
  private final Translation translation;
  private final Refusal refusal;
  private final PacketLog log = new PacketLog();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder overflowed = new LongAdder();
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile Programs programs;

  /** Connections are left from rules that are gone; they are served until they end. */
  private volatile boolean draining;

  /** The next turn of the tracker's wheel; null while there is no connection. */
  private Clock.Timer expiry;

  private record Programs(Program v4, Program v6) {
    Program of(boolean six) {
      return six ? v6 : v4;
    }

    boolean areEmpty() {
      return v4.rules().isEmpty() && v6.rules().isEmpty();
    }

    boolean track() {
      return v4.tracks() || v6.tracks();
    }
  }

  public Firewall(IpLayer ip, ConntrackSettings settings) {
    this(ip, settings, new Random());
  }

  /** {@code random} chooses ports. */
  public Firewall(IpLayer ip, ConntrackSettings settings, Random random) {
    this.ip = ip;
    tracker = new Tracker(ip.clock(), settings);
    mapper = new Mapper(tracker, random);
    translation = new Translation(ip, mapper);
    refusal = new Refusal(ip);
    programs = new Programs(compile(RuleSet.none(false)), compile(RuleSet.none(true)));
  }

  private Program compile(RuleSet rules) {
    return new Program(rules, ip.clock());
  }

  // Rules

  /**
   * Replaces all rules of one IP version, for every packet whose way begins from now on.
   *
   * @return what the ones before had counted
   */
  public Counters install(RuleSet rules) {
    Program p = compile(rules);
    return ask(
        () -> {
          Programs old = programs;
          programs = rules.v6() ? new Programs(old.v4, p) : new Programs(p, old.v6);
          attach();
          return old.of(rules.v6()).counters();
        });
  }

  public RuleSet rules(boolean v6) {
    return programs.of(v6).rules();
  }

  public Counters counters(boolean v6) {
    return programs.of(v6).counters();
  }

  /** Who gets the lines of LOG; by default they go to this class's logger. */
  public void onLog(Consumer<String> sink) {
    log.sink(sink);
  }

  /** The layer asks us only while there is something to ask. */
  private void attach() {
    if (!programs.track()) {
      tracker.keepTranslated();
    }
    draining = !programs.track() && tracker.size() > 0;
    ip.filter(programs.areEmpty() && !draining ? null : this);
  }

  // Connections

  public ConntrackSettings conntrack() {
    return tracker.settings();
  }

  public List<Connection> connections() {
    return ask(tracker::connections);
  }

  public int connectionCount() {
    return ask(tracker::size);
  }

  public Tracker.Statistics statistics() {
    return tracker.statistics();
  }

  /** Packets that rules have dropped or refused. */
  public long dropped() {
    return dropped.sum();
  }

  /** Packets that came while too many were waiting. */
  public long overflowed() {
    return overflowed.sum();
  }

  /** Forgets all connections, translated ones too. */
  public void forgetConnections() {
    ask(
        () -> {
          tracker.clear();
          attach();
        });
  }

  /**
   * Whom the other side of a redirected connection wanted (SO_ORIGINAL_DST).
   *
   * @param local this side's own address and port, {@code remote} the other's
   * @return null if nothing is known of such a connection
   */
  public Tuple original(
      int protocol, IpAddress local, int localPort, IpAddress remote, int remotePort) {
    Tuple answer = new Tuple(protocol, local, localPort, remote, remotePort);
    Connection c = ask(() -> tracker.find(answer));
    return c == null ? null : c.original();
  }

  // Packets

  private boolean tracks(boolean v6) {
    return draining || programs.of(v6).tracks();
  }

  @Override
  public boolean wantsWhole(boolean v6) {
    return tracks(v6);
  }

  @Override
  public void prerouting(Nic in, PacketBuffer p) {
    if (tracks(p.flow.v6)) {
      queue(new Passage(in, null, p));
    } else {
      p.tracked = null;
      enter(in, p, false);
    }
  }

  @Override
  public void output(Path out, PacketBuffer p) {
    if (tracks(p.flow.v6)) {
      queue(new Passage(null, out, p));
    } else {
      p.tracked = null;
      leave(out, p, false);
    }
  }

  private void queue(Passage p) {
    if (waiting.get() >= MAX_WAITING) {
      overflowed.increment();
      p.packet.release();
      return;
    }
    waiting.incrementAndGet();
    tell(p);
  }

  /** A packet at the beginning of its way: in by an interface, or out of this host. */
  private static final class Passage extends Message {
    private final Nic in;
    private final Path out;
    private final PacketBuffer packet;

    Passage(Nic in, Path out, PacketBuffer packet) {
      this.in = in;
      this.out = out;
      this.packet = packet;
    }

    @Override
    protected void deliver(Mailbox owner) {
      Firewall f = (Firewall) owner;
      f.waiting.decrementAndGet();
      if (in != null) {
        f.enter(in, packet, true);
      } else {
        f.leave(out, packet, true);
      }
    }
  }

  /** {@code inside}: this is a message, so connections may be touched. */
  private void enter(Nic in, PacketBuffer p, boolean inside) {
    Program g = programs.of(p.flow.v6);
    Subject s = new Subject(ip, Hook.PREROUTING, in, null, p);
    if (begins(g, s, inside) && translates(g, s, false)) {
      if (p.tracked != null) {
        translation.readAddresses(s, false);
      }
      ip.route(in, p);
    }
  }

  private void leave(Path path, PacketBuffer p, boolean inside) {
    Program g = programs.of(p.flow.v6);
    Subject s = new Subject(ip, Hook.OUTPUT, null, path.nic(), p);
    IpAddress before = s.isSound() ? s.destination() : null;
    if (!begins(g, s, inside) || !translates(g, s, false)) {
      return;
    }
    Path out = path;
    if (!s.destination().equals(before)) {
      out = ip.path(s.destination(), s.source(), 0);
      if (out == null) {
        drop(s);
        return;
      }
      s = new Subject(ip, Hook.OUTPUT, null, out.nic(), p);
    }
    if (!passes(g, TableName.FILTER, s) || !postrouting(g, null, out, p)) {
      return;
    }
    if (p.tracked != null) {
      translation.readAddresses(s, true);
    }
    ip.emit(out, p);
  }

  /** What PREROUTING and OUTPUT have in common, up to address translation. */
  private boolean begins(Program g, Subject s, boolean inside) {
    if (!s.isSound()) {
      drop(s);
      return false;
    }
    if (!passes(g, TableName.RAW, s)) {
      return false;
    }
    if (inside) {
      track(g, s);
    }
    return passes(g, TableName.MANGLE, s);
  }

  private void track(Program g, Subject s) {
    Tracking known = s.tracking();
    if (known.connection() != null || known.state() == Tracking.State.UNTRACKED) {
      // Seen on its way out, and come back by the loopback; or an answer of ours.
      return;
    }
    boolean foreign = s.hook() == Hook.PREROUTING;
    s.packet().tracked = tracker.track(s.packet(), s.view(), g.tracks(), foreign);
  }

  @Override
  public boolean input(Nic in, PacketBuffer p) {
    Program g = programs.of(p.flow.v6);
    Subject s = new Subject(ip, Hook.INPUT, in, null, p);
    boolean passes =
        passes(g, TableName.MANGLE, s)
            && passes(g, TableName.FILTER, s)
            && translates(g, s, true)
            && confirmed(s);
    if (passes && p.tracked != null) {
      translation.readAddresses(s, false);
    }
    return passes;
  }

  @Override
  public boolean forward(Nic in, Path out, PacketBuffer p) {
    Program g = programs.of(p.flow.v6);
    Subject s = new Subject(ip, Hook.FORWARD, in, out.nic(), p);
    return passes(g, TableName.MANGLE, s)
        && passes(g, TableName.FILTER, s)
        && postrouting(g, in, out, p);
  }

  private boolean postrouting(Program g, Nic in, Path out, PacketBuffer p) {
    Subject s = new Subject(ip, Hook.POSTROUTING, in, out.nic(), p);
    return passes(g, TableName.MANGLE, s) && translates(g, s, true) && confirmed(s);
  }

  /** False if the packet is gone. */
  private boolean passes(Program g, TableName table, Subject s) {
    Target t = g.decide(table, s, this);
    return switch (t) {
      case Target.Accept a -> true;
      case Target.Reject r -> {
        refusal.refuse(s, r.with());
        yield drop(s);
      }
      default -> drop(s);
    };
  }

  /** Destination translation before routing, source translation after; false if it is gone. */
  private boolean translates(Program g, Subject s, boolean source) {
    Tracking t = s.tracking();
    Connection c = t.connection();
    if (c == null) {
      return true;
    }
    boolean undecided =
        g.translates() && t.state() == Tracking.State.NEW && !t.reply() && !c.isDecided(source);
    if (undecided) {
      Target d = g.decide(TableName.NAT, s, this);
      if (d instanceof Target.Drop || !translation.decide(s, c, d, source)) {
        return drop(s);
      }
    }
    translation.apply(s, t, source);
    return true;
  }

  private boolean confirmed(Subject s) {
    Tracking t = s.tracking();
    if (t.connection() == null) {
      return true;
    }
    if (!tracker.confirm(t)) {
      return drop(s);
    }
    if (expiry == null && tracker.size() > 0) {
      expireLater();
    }
    return true;
  }

  private void expireLater() {
    long next = ip.clock().nanoTime() + Clock.SECOND;
    expiry = ip.clock().schedule(next, () -> tell(this::expire));
  }

  private void expire() {
    expiry = null;
    tracker.expire();
    mapper.forgetEnded();
    if (tracker.size() > 0) {
      expireLater();
    }
    attach();
  }

  private boolean drop(Subject s) {
    dropped.increment();
    s.packet().release();
    return false;
  }

  @Override
  public void log(Subject s, Target.Log l) {
    log.write(s, l);
  }

  @Override
  public void notrack(Subject s) {
    s.packet().tracked = Tracking.UNTRACKED;
  }
}
