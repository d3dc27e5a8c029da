package io.loomvisor.net.filter.text;

import io.loomvisor.net.filter.match.AddressType;
import io.loomvisor.net.filter.match.Comment;
import io.loomvisor.net.filter.match.ConntrackState;
import io.loomvisor.net.filter.match.Icmp;
import io.loomvisor.net.filter.match.Interface;
import io.loomvisor.net.filter.match.Limit;
import io.loomvisor.net.filter.match.MarkIs;
import io.loomvisor.net.filter.match.Match;
import io.loomvisor.net.filter.match.Ports;
import io.loomvisor.net.filter.match.Prefix;
import io.loomvisor.net.filter.match.Protocol;
import io.loomvisor.net.filter.match.Statistic;
import io.loomvisor.net.filter.match.TcpFlags;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.IpProtocol;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads the questions of one rule. */
final class MatchReader {
  private static final Set<String> MODULES =
      Set.of(
          "addrtype",
          "comment",
          "conntrack",
          "icmp",
          "icmp6",
          "limit",
          "mark",
          "multiport",
          "state",
          "statistic",
          "tcp",
          "udp");

  private final Words words;
  private final Values values;
  private final boolean v6;
  private final List<Match> matches = new ArrayList<>();
  private final Set<String> loaded = new HashSet<>();

  /** Of matches whose options are collected until the rule ends. */
  private final Map<String, Integer> places = new HashMap<>();

  private int protocol = -1;

  // What options of one module say together.
  private AddressType addressType;
  private boolean onlyOfInterface;
  private long limitNanos;
  private int limitCount;
  private int limitBurst = 5;
  private String mode;
  private Statistic statistic;
  private int every;
  private int packet;
  private boolean nthNegated;

  MatchReader(Words words, boolean v6) {
    this.words = words;
    this.values = new Values(words, v6);
    this.v6 = v6;
  }

  /** Everything that was asked, once the rule has ended. */
  List<Match> finish() {
    if (addressType != null) {
      place("addrtype", addressType());
    } else if (loaded.contains("addrtype")) {
      throw words.wrong("addrtype", "needs --src-type or --dst-type");
    }
    if (loaded.contains("limit")) {
      boolean usual = limitNanos == 0;
      long nanos = usual ? 3600 * Clock.SECOND : limitNanos;
      place("limit", new Limit(usual ? 3 : limitCount, nanos, limitBurst));
    }
    if (loaded.contains("statistic")) {
      place("statistic", statistic());
    }
    return matches;
  }

  private AddressType addressType() {
    AddressType t = addressType;
    return new AddressType(t.source(), t.types(), onlyOfInterface, t.negated());
  }

  /** Where its module was named: what remembers something is asked in that order. */
  private void place(String module, Match m) {
    matches.set(places.get(module), m);
  }

  private void reserve(String module) {
    places.put(module, matches.size());
    matches.add(null);
  }

  private Statistic statistic() {
    if ("nth".equals(mode) && every > 0) {
      if (packet >= every) {
        throw words.wrong("--packet", "not below --every");
      }
      return new Statistic.Nth(every, packet, nthNegated);
    }
    if ("random".equals(mode) && statistic != null) {
      return statistic;
    }
    throw words.wrong("statistic", "needs --mode with --probability or --every");
  }

  boolean isTcp() {
    return protocol == IpProtocol.TCP;
  }

  /** True if {@code option} was one of ours. */
  boolean read(String option, boolean negated) {
    switch (option) {
      case "-s", "--source", "--src" -> prefix(true, negated);
      case "-d", "--destination", "--dst" -> prefix(false, negated);
      case "-i", "--in-interface" -> device(true, negated);
      case "-o", "--out-interface" -> device(false, negated);
      case "-p", "--protocol", "--proto" -> protocol(negated);
      case "-m", "--match" -> load(negated);
      default -> {
        return ofModule(option, negated);
      }
    }
    return true;
  }

  private void prefix(boolean source, boolean negated) {
    Values.PrefixText p = values.prefix(words.next("an address"));
    matches.add(new Prefix(source, p.address(), p.length(), negated));
  }

  private void device(boolean in, boolean negated) {
    String name = words.next("the name of an interface");
    if (name.isEmpty() || name.length() > Interface.MAX_NAME) {
      throw words.wrong(name, "not the name of an interface");
    }
    matches.add(new Interface(in, name, negated));
  }

  private void protocol(boolean negated) {
    String name = words.next("a protocol").toLowerCase(Locale.ROOT);
    if (name.equals("all")) {
      return;
    }
    int n = Names.protocol(name);
    n = n >= 0 ? n : values.number(name, 0L, 255);
    if (n == 0) {
      return;
    }
    protocol = negated ? -1 : n;
    matches.add(new Protocol(n, negated));
    if (!negated) {
      switch (n) {
        case IpProtocol.TCP -> loaded.add("tcp");
        case IpProtocol.UDP -> loaded.add("udp");
        case IpProtocol.ICMP -> loaded.add("icmp");
        case IpProtocol.ICMPV6 -> loaded.add("icmp6");
        default -> {}
      }
    }
  }

  private void load(boolean negated) {
    String module = words.next("the name of a match");
    if (negated) {
      throw words.wrong("no ! before -m");
    }
    if (!MODULES.contains(module)) {
      throw words.wrong("this match is not supported");
    }
    int needed =
        switch (module) {
          case "tcp" -> IpProtocol.TCP;
          case "udp" -> IpProtocol.UDP;
          case "icmp" -> IpProtocol.ICMP;
          case "icmp6" -> IpProtocol.ICMPV6;
          default -> -1;
        };
    if (needed >= 0 && protocol != needed) {
      throw words.wrong("needs -p " + Names.protocol(needed));
    }
    if (module.equals("multiport") && protocol != IpProtocol.TCP && protocol != IpProtocol.UDP) {
      throw words.wrong("needs -p tcp or -p udp");
    }
    boolean collected =
        module.equals("addrtype") || module.equals("limit") || module.equals("statistic");
    if (loaded.add(module) && collected) {
      reserve(module);
    }
  }

  private void need(String option, String... modules) {
    for (String m : modules) {
      if (loaded.contains(m)) {
        return;
      }
    }
    String how = modules[0].equals("tcp") ? "-p " : "-m ";
    throw words.wrong(option, "needs " + how + String.join(" or " + how, modules));
  }

  private boolean ofModule(String option, boolean negated) {
    switch (option) {
      case "--sport", "--source-port" -> ports(option, Ports.Side.SOURCE, negated);
      case "--dport", "--destination-port" -> ports(option, Ports.Side.DESTINATION, negated);
      case "--sports", "--source-ports" -> multiport(option, Ports.Side.SOURCE, negated);
      case "--dports", "--destination-ports" -> multiport(option, Ports.Side.DESTINATION, negated);
      case "--ports" -> multiport(option, Ports.Side.EITHER, negated);
      case "--syn" -> {
        need(option, "tcp");
        TcpFlags f = TcpFlags.SYN_ALONE;
        matches.add(new TcpFlags(f.mask(), f.set(), negated));
      }
      case "--tcp-flags" -> tcpFlags(option, negated);
      case "--icmp-type", "--icmpv6-type" -> icmp(option, negated);
      case "--ctstate" -> state(option, "conntrack", negated);
      case "--state" -> state(option, "state", negated);
      case "--comment" -> {
        need(option, "comment");
        refuse(negated, option);
        String text = words.next("a comment");
        if (text.length() > Comment.MAX) {
          throw words.wrong(option, "longer than " + Comment.MAX);
        }
        matches.add(new Comment(text));
      }
      case "--mark" -> {
        need(option, "mark");
        int[] m = values.mark(words.next("a mark"));
        matches.add(new MarkIs(m[0], m[1], negated));
      }
      default -> {
        return collected(option, negated);
      }
    }
    return true;
  }

  /** Options that say something together with others of their module. */
  private boolean collected(String option, boolean negated) {
    switch (option) {
      case "--src-type", "--dst-type" -> addressType(option, negated);
      case "--limit-iface-in", "--limit-iface-out" -> {
        need(option, "addrtype");
        refuse(negated, option);
        onlyOfInterface = true;
      }
      case "--limit" -> limit(option, negated);
      case "--limit-burst" -> {
        need(option, "limit");
        refuse(negated, option);
        limitBurst = values.number("a number", 1, 10_000);
      }
      case "--mode" -> {
        need(option, "statistic");
        refuse(negated, option);
        mode = words.next("random or nth");
        if (!mode.equals("random") && !mode.equals("nth")) {
          throw words.wrong("neither random nor nth");
        }
      }
      case "--probability" -> probability(option, negated);
      case "--every" -> {
        need(option, "statistic");
        every = values.number("a number", 1, Integer.MAX_VALUE);
        nthNegated = negated;
      }
      case "--packet" -> {
        need(option, "statistic");
        refuse(negated, option);
        packet = values.number("a number", 0, Integer.MAX_VALUE);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void refuse(boolean negated, String option) {
    if (negated) {
      throw words.wrong(option, "takes no !");
    }
  }

  private void ports(String option, Ports.Side side, boolean negated) {
    need(option, "tcp", "udp");
    List<Ports.Range> one = List.of(values.ports(words.next("a port")));
    matches.add(new Ports(side, one, false, negated));
  }

  private void multiport(String option, Ports.Side side, boolean negated) {
    need(option, "multiport");
    String list = words.next("ports");
    try {
      matches.add(new Ports(side, values.portList(list), true, negated));
    } catch (RuleSyntaxException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw words.wrong(list, e.getMessage());
    }
  }

  private void tcpFlags(String option, boolean negated) {
    need(option, "tcp");
    int mask = Names.flags(words.next("flags to look at"));
    if (mask < 0) {
      throw words.wrong("not a list of flags");
    }
    int set = Names.flags(words.next("flags that are set"));
    if (set < 0) {
      throw words.wrong("not a list of flags");
    }
    matches.add(new TcpFlags(mask, set, negated));
  }

  private void icmp(String option, boolean negated) {
    need(option, v6 ? "icmp6" : "icmp");
    String text = words.next("a type");
    if (text.equals("any")) {
      matches.add(new Icmp(-1, -1, negated));
      return;
    }
    int named = Names.icmp(text, v6);
    int slash = text.indexOf('/');
    int type = named >= 0 ? named >>> 8 : 0;
    int code = named < 0 || (named & 255) == 255 ? -1 : named & 255;
    if (named < 0) {
      type = values.number(slash < 0 ? text : text.substring(0, slash), 0L, 255);
      code = slash < 0 ? -1 : values.number(text.substring(slash + 1), 0L, 255);
    }
    matches.add(new Icmp(type, code, negated));
  }

  private <E extends Enum<E>> Set<E> set(Class<E> of, String what) {
    Set<E> all = EnumSet.noneOf(of);
    for (String name : words.next(what).split(",", -1)) {
      try {
        all.add(Enum.valueOf(of, name));
      } catch (IllegalArgumentException e) {
        throw words.wrong(name, "not one of " + EnumSet.allOf(of));
      }
    }
    return all;
  }

  private void state(String option, String module, boolean negated) {
    need(option, module);
    matches.add(new ConntrackState(set(ConntrackState.State.class, "states"), negated));
  }

  private void addressType(String option, boolean negated) {
    need(option, "addrtype");
    if (addressType != null) {
      place("addrtype", addressType());
      reserve("addrtype");
    }
    Set<AddressType.Type> types = set(AddressType.Type.class, "types");
    addressType = new AddressType(option.equals("--src-type"), types, false, negated);
  }

  private void limit(String option, boolean negated) {
    need(option, "limit");
    refuse(negated, option);
    String text = words.next("a rate");
    int slash = text.indexOf('/');
    String unit = slash < 0 ? "second" : text.substring(slash + 1);
    limitCount = values.number(slash < 0 ? text : text.substring(0, slash), 1L, 10_000);
    limitNanos = 0;
    String[] units = {"second", "minute", "hour", "day"};
    long[] seconds = {1, 60, 3600, 86_400};
    for (int i = 0; i < units.length; i++) {
      if (!unit.isEmpty() && units[i].startsWith(unit)) {
        limitNanos = seconds[i] * Clock.SECOND;
      }
    }
    if (limitNanos == 0) {
      throw words.wrong(text, "not a rate like 3/hour");
    }
  }

  private void probability(String option, boolean negated) {
    need(option, "statistic");
    String text = words.next("a probability");
    try {
      double p = Double.parseDouble(text);
      if (p >= 0 && p <= 1) {
        statistic = Statistic.Random.of(p, negated);
        return;
      }
    } catch (NumberFormatException e) {
      throw words.wrong(text, "not a number");
    }
    throw words.wrong(text, "not between 0 and 1");
  }
}
