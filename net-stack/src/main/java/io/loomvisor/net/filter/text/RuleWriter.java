package io.loomvisor.net.filter.text;

import io.loomvisor.net.filter.Rule;
import io.loomvisor.net.filter.action.Target;
import io.loomvisor.net.filter.match.AddressType;
import io.loomvisor.net.filter.match.Comment;
import io.loomvisor.net.filter.match.ConntrackState;
import io.loomvisor.net.filter.match.Icmp;
import io.loomvisor.net.filter.match.Interface;
import io.loomvisor.net.filter.match.Limit;
import io.loomvisor.net.filter.match.MarkIs;
import io.loomvisor.net.filter.match.Match;
import io.loomvisor.net.filter.match.OwnTest;
import io.loomvisor.net.filter.match.Ports;
import io.loomvisor.net.filter.match.Prefix;
import io.loomvisor.net.filter.match.Protocol;
import io.loomvisor.net.filter.match.Statistic;
import io.loomvisor.net.filter.match.TcpFlags;
import io.loomvisor.net.nat.NatRange;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.IpAddress;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes one rule as iptables-save does. */
final class RuleWriter {
  /** As iptables-save prints it. */
  private static final int PROBABILITY_DIGITS = 11;

  private final List<String> words;
  private final Rule rule;
  private final boolean v6;
  private String module = "";
  private String protocol = "";

  RuleWriter(List<String> words, Rule rule, boolean v6) {
    this.words = words;
    this.rule = rule;
    this.v6 = v6;
  }

  void write() {
    for (Match m : rule.matches()) {
      switch (m) {
        case Prefix p -> {
          String a = p.address() + "/" + p.length();
          option(p.negated(), p.source() ? "-s" : "-d", a);
        }
        case Interface i -> option(i.negated(), i.in() ? "-i" : "-o", SaveWriter.name(i.name()));
        case Protocol p -> {
          protocol = p.negated() ? "" : Names.protocol(p.number());
          option(p.negated(), "-p", Names.protocol(p.number()));
        }
        default -> {}
      }
    }
    rule.matches().forEach(this::ofModule);
    if (rule.target() != null) {
      target(rule.target());
    }
  }

  private void option(boolean negated, String... all) {
    if (negated) {
      words.add("!");
    }
    words.addAll(List.of(all));
  }

  private void load(String name) {
    if (!module.equals(name)) {
      words.add("-m");
      words.add(name);
      module = name;
    }
  }

  private void ofModule(Match m) {
    switch (m) {
      case Prefix p -> {}
      case Interface i -> {}
      case Protocol p -> {}
      case Ports p -> ports(p);
      case TcpFlags f -> {
        load("tcp");
        option(f.negated(), "--tcp-flags", Names.flags(f.mask()), Names.flags(f.set()));
      }
      case Icmp i -> {
        load(v6 ? "icmp6" : "icmp");
        String code = i.code() < 0 ? "" : "/" + i.code();
        String type = i.type() < 0 ? "any" : i.type() + code;
        option(i.negated(), v6 ? "--icmpv6-type" : "--icmp-type", type);
      }
      case ConntrackState s -> {
        load("conntrack");
        option(s.negated(), "--ctstate", list(s.states()));
      }
      case AddressType t -> {
        load("addrtype");
        option(t.negated(), t.source() ? "--src-type" : "--dst-type", list(t.types()));
        if (t.onlyOfInterface()) {
          words.add("--limit-iface-in");
        }
        module = "";
      }
      case MarkIs k -> {
        load("mark");
        option(k.negated(), "--mark", mark(k.value(), k.mask()));
      }
      case Comment c -> {
        load("comment");
        option(false, "--comment", SaveWriter.quoted(c.text()));
      }
      case Limit l -> limit(l);
      case Statistic.Random r -> {
        load("statistic");
        option(false, "--mode", "random");
        option(r.negated(), "--probability", probability(r));
      }
      case Statistic.Nth n -> {
        load("statistic");
        option(false, "--mode", "nth");
        option(n.negated(), "--every", Integer.toString(n.every()));
        option(false, "--packet", Integer.toString(n.packet()));
      }
      case OwnTest o -> throw new IllegalArgumentException("'" + o.name() + "' has no text");
    }
  }

  private static String list(Set<? extends Enum<?>> all) {
    return all.stream().sorted().map(Enum::name).collect(Collectors.joining(","));
  }

  private static String range(int first, int last, String between) {
    return first == last ? Integer.toString(first) : first + between + last;
  }

  private void ports(Ports p) {
    if (!protocol.equals("tcp") && !protocol.equals("udp")) {
      throw new IllegalArgumentException("ports without a protocol have no text");
    }
    String all =
        p.ranges().stream()
            .map(r -> range(r.first(), r.last(), ":"))
            .collect(Collectors.joining(","));
    load(p.multiport() ? "multiport" : protocol);
    String name =
        switch (p.side()) {
          case SOURCE -> "--sport";
          case DESTINATION -> "--dport";
          case EITHER -> "--port";
        };
    option(p.negated(), p.multiport() ? name + "s" : name, all);
  }

  private static String mark(int value, int mask) {
    String v = "0x" + Integer.toHexString(value);
    return mask == -1 ? v : v + "/0x" + Integer.toHexString(mask);
  }

  private void limit(Limit l) {
    load("limit");
    String unit =
        switch ((int) (l.nanos() / Clock.SECOND)) {
          case 1 -> "sec";
          case 60 -> "min";
          case 3600 -> "hour";
          case 86_400 -> "day";
          default -> throw new IllegalArgumentException("a limit per " + l.nanos() + " ns");
        };
    option(false, "--limit", l.count() + "/" + unit);
    if (l.burst() != 5) {
      option(false, "--limit-burst", Integer.toString(l.burst()));
    }
  }

  /** The word after -j. */
  static String name(Target t) {
    return switch (t) {
      case Target.Accept a -> "ACCEPT";
      case Target.Drop d -> "DROP";
      case Target.Return r -> "RETURN";
      case Target.Jump j -> j.chain();
      case Target.Goto g -> g.chain();
      case Target.Reject r -> "REJECT";
      case Target.Log l -> "LOG";
      case Target.Mark m -> "MARK";
      case Target.NoTrack n -> "CT";
      case Target.Dnat d -> "DNAT";
      case Target.Snat s -> "SNAT";
      case Target.Masquerade m -> "MASQUERADE";
      case Target.Redirect r -> "REDIRECT";
    };
  }

  private void target(Target t) {
    option(false, t instanceof Target.Goto ? "-g" : "-j", SaveWriter.name(name(t)));
    switch (t) {
      case Target.Reject r -> option(false, "--reject-with", r.with().text());
      case Target.Log l -> log(l);
      case Target.Mark m ->
          option(
              false,
              "--set-xmark",
              "0x" + Integer.toHexString(m.value()) + "/0x" + Integer.toHexString(m.mask()));
      case Target.NoTrack n -> option(false, "--notrack");
      case Target.Dnat d -> nat("--to-destination", d.range());
      case Target.Snat s -> nat("--to-source", s.range());
      case Target.Masquerade m -> toPorts(m.ports());
      case Target.Redirect r -> toPorts(r.ports());
      case Target.Accept a -> {}
      case Target.Drop d -> {}
      case Target.Return r -> {}
      case Target.Jump j -> {}
      case Target.Goto g -> {}
    }
  }

  private void log(Target.Log l) {
    if (!l.prefix().isEmpty()) {
      option(false, "--log-prefix", SaveWriter.quoted(l.prefix()));
    }
    if (l.level() != 4) {
      option(false, "--log-level", Integer.toString(l.level()));
    }
  }

  private void toPorts(NatRange r) {
    if (r.firstPort() != 0) {
      option(false, "--to-ports", range(r.firstPort(), r.lastPort(), "-"));
    }
    choice(r);
  }

  private void nat(String option, NatRange r) {
    boolean ports = r.firstPort() != 0;
    StringBuilder s = new StringBuilder();
    if (r.first() != null) {
      s.append(address(r.first(), ports));
      if (!r.first().equals(r.last())) {
        s.append('-').append(address(r.last(), ports));
      }
    }
    if (ports) {
      s.append(':').append(range(r.firstPort(), r.lastPort(), "-"));
    }
    option(false, option, s.toString());
    choice(r);
  }

  private static String address(IpAddress a, boolean ports) {
    return a.v6() && ports ? "[" + a + "]" : a.toString();
  }

  private void choice(NatRange r) {
    if (r.random()) {
      words.add("--random");
    }
    if (r.persistent()) {
      words.add("--persistent");
    }
  }

  private static String probability(Statistic.Random test) {
    return BigDecimal.valueOf(test.probability())
        .setScale(PROBABILITY_DIGITS, RoundingMode.HALF_UP)
        .toPlainString();
  }
}
