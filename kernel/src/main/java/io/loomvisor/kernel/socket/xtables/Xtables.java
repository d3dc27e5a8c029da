package io.loomvisor.kernel.socket.xtables;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.net.conntrack.ConntrackSettings;
import io.loomvisor.net.conntrack.Tuple;
import io.loomvisor.net.filter.Chain;
import io.loomvisor.net.filter.Counters;
import io.loomvisor.net.filter.Firewall;
import io.loomvisor.net.filter.RuleSet;
import io.loomvisor.net.filter.TableName;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The tables of the sandbox's packet filter, of both IP versions. The firewall below, which is made
 * with the first table that somebody installs, has all tables of a version as one rule set: when
 * one is replaced, what the others have counted is kept here.
 */
public final class Xtables extends Actor {
  private final IpLayer ip;

  /** Of each version, in the order in which somebody has first looked at them. */
  private final SequencedMap<TableName, InstalledTable> v4 = new LinkedHashMap<>();

  private final SequencedMap<TableName, InstalledTable> v6 = new LinkedHashMap<>();

  /** Null until there are rules. */
  private Firewall firewall;

  public Xtables(IpLayer ip) {
    super(Rank.ENDPOINT);
    this.ip = ip;
  }

  private SequencedMap<TableName, InstalledTable> tables(boolean six) {
    return six ? v6 : v4;
  }

  private InstalledTable table(TableName name, boolean six) {
    return tables(six).computeIfAbsent(name, n -> InstalledTable.initial(n, EntryLayout.of(six)));
  }

  /** The tables that somebody has looked at, the newest first (/proc/net/ip_tables_names). */
  public List<String> names(boolean six) {
    return ask(() -> tables(six).reversed().keySet().stream().map(TableName::text).toList());
  }

  private Counters counted(boolean six) {
    return firewall == null ? null : firewall.counters(six);
  }

  /** A table and what its entries have counted until now, two numbers each. */
  record Snapshot(InstalledTable table, long[] counters) {}

  Snapshot snapshot(TableName name, boolean six) {
    return ask(
        () -> {
          InstalledTable t = table(name, six);
          return new Snapshot(t, t.counters(counted(six)));
        });
  }

  /**
   * Puts a table in place of the one of its name.
   *
   * @param expected how many entries that one has; EAGAIN if it is not so, for somebody was faster
   * @return what it had counted
   */
  long[] replace(InstalledTable next, int expected) {
    boolean six = next.blob().layout().v6();
    return ask(
        () -> {
          InstalledTable old = table(next.name(), six);
          if (old.entries() != expected) {
            throw Errno.EAGAIN.exception();
          }
          Counters before = install(next, six);
          long[] counters = old.counters(before);
          tables(six).put(next.name(), next);
          return counters;
        });
  }

  /** What all tables of the version had counted is theirs from now on. */
  private Counters install(InstalledTable next, boolean six) {
    if (firewall == null) {
      firewall = new Firewall(ip, new ConntrackSettings());
      firewall.onLog(new LogLines(ip.clock()));
    }
    Map<TableName, Map<String, Chain>> all = new EnumMap<>(TableName.class);
    tables(six).forEach((n, t) -> all.put(n, t.chains()));
    all.put(next.name(), next.chains());
    Counters before = firewall.install(new RuleSet(six, all));
    for (InstalledTable t : tables(six).values()) {
      if (t.name() != next.name()) {
        System.arraycopy(t.counters(before), 0, t.base(), 0, t.base().length);
      }
    }
    return before;
  }

  /** Adds to what entries have counted; EINVAL if there are not as many. */
  void addCounters(TableName name, boolean six, long[] more) {
    ask(
        () -> {
          long[] base = table(name, six).base();
          if (base.length != more.length) {
            throw Errno.EINVAL.exception();
          }
          for (int i = 0; i < more.length; i++) {
            base[i] += more[i];
          }
        });
  }

  /** As {@link Firewall#original}. */
  Tuple original(int protocol, IpAddress own, int ownPort, IpAddress peer, int peerPort) {
    Firewall f = ask(() -> firewall);
    return f == null ? null : f.original(protocol, own, ownPort, peer, peerPort);
  }
}
