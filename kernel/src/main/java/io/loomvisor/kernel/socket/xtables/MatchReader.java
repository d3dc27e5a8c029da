package io.loomvisor.kernel.socket.xtables;

import io.loomvisor.net.filter.match.AddressType;
import io.loomvisor.net.filter.match.Comment;
import io.loomvisor.net.filter.match.ConntrackState;
import io.loomvisor.net.filter.match.Icmp;
import io.loomvisor.net.filter.match.Limit;
import io.loomvisor.net.filter.match.MarkIs;
import io.loomvisor.net.filter.match.Match;
import io.loomvisor.net.filter.match.Ports;
import io.loomvisor.net.filter.match.Statistic;
import io.loomvisor.net.filter.match.TcpFlags;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Matches by name: what their structures ask for (linux/netfilter/xt_tcpudp.h, xt_multiport.h,
 * xt_conntrack.h and so on).
 */
final class MatchReader {
  /** The revisions that are there. */
  static final Map<String, Set<Integer>> REVISIONS =
      Map.ofEntries(
          Map.entry("tcp", Set.of(0)),
          Map.entry("udp", Set.of(0)),
          Map.entry("icmp", Set.of(0)),
          Map.entry("icmp6", Set.of(0)),
          Map.entry("multiport", Set.of(1)),
          Map.entry("state", Set.of(0)),
          Map.entry("conntrack", Set.of(2, 3)),
          Map.entry("comment", Set.of(0)),
          Map.entry("mark", Set.of(1)),
          Map.entry("addrtype", Set.of(1)),
          Map.entry("limit", Set.of(0)),
          Map.entry("statistic", Set.of(0)));

  private static final int MAX_PORT = 65_535;

  private MatchReader() {}

  static List<Match> read(Extension x) {
    if (!REVISIONS.getOrDefault(x.name(), Set.of()).contains(x.revision())) {
      throw Refused.missing("match " + x);
    }
    return switch (x.name()) {
      case "tcp" -> tcp(x);
      case "udp" -> udp(x);
      case "icmp", "icmp6" -> icmp(x);
      case "multiport" -> List.of(multiport(x));
      case "state" -> List.of(state(x));
      case "conntrack" -> List.of(conntrack(x));
      case "comment" -> List.of(comment(x));
      case "mark" -> List.of(mark(x));
      case "addrtype" -> addrtype(x);
      case "limit" -> List.of(limit(x));
      case "statistic" -> List.of(statistic(x));
      default -> throw new AssertionError(x.name());
    };
  }

  private static void ports(Extension x, int at, Ports.Side side, boolean not, List<Match> all) {
    int first = x.u16(at);
    int last = x.u16(at + 2);
    if (first == 0 && last == MAX_PORT && !not) {
      return;
    }
    all.add(new Ports(side, List.of(new Ports.Range(first, last)), false, not));
  }

  /** struct xt_tcp: spts[2], dpts[2], option, flg_mask, flg_cmp, invflags. */
  private static List<Match> tcp(Extension x) {
    x.requireSize(12);
    int not = x.u8(11);
    List<Match> all = new ArrayList<>();
    ports(x, 0, Ports.Side.SOURCE, (not & 1) != 0, all);
    ports(x, 4, Ports.Side.DESTINATION, (not & 2) != 0, all);
    if (x.u8(8) != 0 || (not & 8) != 0) {
      throw Refused.missing("match 'tcp': options (--tcp-option)");
    }
    if (x.u8(9) != 0 || (not & 4) != 0) {
      all.add(new TcpFlags(x.u8(9), x.u8(10), (not & 4) != 0));
    }
    return all;
  }

  /** struct xt_udp: spts[2], dpts[2], invflags. */
  private static List<Match> udp(Extension x) {
    x.requireSize(10);
    List<Match> all = new ArrayList<>();
    ports(x, 0, Ports.Side.SOURCE, (x.u8(8) & 1) != 0, all);
    ports(x, 4, Ports.Side.DESTINATION, (x.u8(8) & 2) != 0, all);
    return all;
  }

  /** struct ipt_icmp: type, code[2], invflags; type 255 is any. */
  private static List<Match> icmp(Extension x) {
    x.requireSize(4);
    int type = x.u8(0);
    int first = x.u8(1);
    int last = x.u8(2);
    boolean anyCode = first == 0 && last == 255;
    if (first != last && !anyCode) {
      throw Refused.missing("match " + x + ": a range of codes");
    }
    boolean v4 = x.name().equals("icmp");
    int wanted = v4 && type == 255 ? -1 : type;
    return List.of(new Icmp(wanted, anyCode || wanted < 0 ? -1 : first, (x.u8(3) & 1) != 0));
  }

  /** struct xt_multiport_v1: flags, count, ports[15], pflags[15] (1: a range begins), invert. */
  private static Match multiport(Extension x) {
    x.requireSize(48);
    Ports.Side side =
        switch (x.u8(0)) {
          case 0 -> Ports.Side.SOURCE;
          case 1 -> Ports.Side.DESTINATION;
          case 2 -> Ports.Side.EITHER;
          default -> throw Refused.invalid("match 'multiport': flags");
        };
    int count = x.u8(1);
    if (count > Ports.MAX_MULTIPORT) {
      throw Refused.invalid("match 'multiport': count");
    }
    List<Ports.Range> ranges = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int first = x.u16(2 + 2 * i);
      boolean range = x.u8(32 + i) != 0;
      if (range && i + 1 == count) {
        throw Refused.invalid("match 'multiport': half a range");
      }
      ranges.add(new Ports.Range(first, range ? x.u16(2 + 2 * ++i) : first));
    }
    return new Ports(side, ranges, true, x.u8(47) != 0);
  }

  /** XT_STATE_BIT: a bit above IP_CT_ESTABLISHED, IP_CT_RELATED and IP_CT_NEW each. */
  private static Set<ConntrackState.State> states(int mask, int untracked, int known) {
    Set<ConntrackState.State> all = EnumSet.noneOf(ConntrackState.State.class);
    if ((mask & ~(known | untracked | 0xf)) != 0) {
      throw Refused.missing("states of connections: " + Integer.toHexString(mask));
    }
    add(all, mask, 1, ConntrackState.State.INVALID);
    add(all, mask, 1 << 1, ConntrackState.State.ESTABLISHED);
    add(all, mask, 1 << 2, ConntrackState.State.RELATED);
    add(all, mask, 1 << 3, ConntrackState.State.NEW);
    add(all, mask, untracked, ConntrackState.State.UNTRACKED);
    add(all, mask & known, 1 << 6, ConntrackState.State.SNAT);
    add(all, mask & known, 1 << 7, ConntrackState.State.DNAT);
    return all;
  }

  private static void add(
      Set<ConntrackState.State> all, int mask, int bit, ConntrackState.State state) {
    if ((mask & bit) != 0) {
      all.add(state);
    }
  }

  private static Match state(Extension x) {
    x.requireSize(4);
    return new ConntrackState(states(x.i32(0), 1 << 6, 0), false);
  }

  /**
   * struct xt_conntrack_mtinfo2 and 3: addresses and ports first, then at 146 match_flags,
   * invert_flags, state_mask, status_mask.
   */
  private static Match conntrack(Extension x) {
    x.requireSize(x.revision() == 3 ? 164 : 156);
    // XT_CONNTRACK_STATE, and whether it was called "state", which only listings tell.
    int asked = x.u16(146) & ~(1 << 13);
    if (asked != 1) {
      throw Refused.missing("match 'conntrack': others than states: " + Integer.toHexString(asked));
    }
    return new ConntrackState(states(x.u16(150), 1 << 8, 3 << 6), (x.u16(148) & 1) != 0);
  }

  private static Match comment(Extension x) {
    x.requireSize(256);
    return new Comment(Extension.text(x.data(), 0, 255).replace('\n', ' '));
  }

  /** struct xt_mark_mtinfo1: mark, mask, invert. */
  private static Match mark(Extension x) {
    x.requireSize(12);
    return new MarkIs(x.i32(0), x.i32(4), x.u8(8) != 0);
  }

  /** struct xt_addrtype_info_v1: source, dest, flags. */
  private static List<Match> addrtype(Extension x) {
    x.requireSize(8);
    int flags = x.i32(4);
    boolean limited = (flags & 0xc) != 0;
    List<Match> all = new ArrayList<>();
    if (x.u16(0) != 0) {
      all.add(new AddressType(true, types(x.u16(0)), limited, (flags & 1) != 0));
    }
    if (x.u16(2) != 0) {
      all.add(new AddressType(false, types(x.u16(2)), limited, (flags & 2) != 0));
    }
    return all;
  }

  private static Set<AddressType.Type> types(int bits) {
    Set<AddressType.Type> all = EnumSet.noneOf(AddressType.Type.class);
    for (int bit = 0; bit < Short.SIZE; bit++) {
      if ((bits >>> bit & 1) != 0) {
        all.add(
            switch (bit) {
              case 0 -> AddressType.Type.UNSPEC;
              case 1 -> AddressType.Type.UNICAST;
              case 2 -> AddressType.Type.LOCAL;
              case 3 -> AddressType.Type.BROADCAST;
              case 5 -> AddressType.Type.MULTICAST;
              default -> throw Refused.missing("match 'addrtype': type of bit " + bit);
            });
      }
    }
    return all;
  }

  /** struct xt_rateinfo: avg in 1/10000 s, burst; what follows is the kernel's. */
  private static Match limit(Extension x) {
    x.requireSize(40);
    long nanos = Integer.toUnsignedLong(x.i32(0)) * 100_000;
    return new Limit(1, Math.max(nanos, 1), x.i32(4));
  }

  /** struct xt_statistic_info: mode, flags, probability or every less one, packet; a pointer. */
  private static Match statistic(Extension x) {
    x.requireSize(24);
    boolean not = (x.u16(2) & 1) != 0;
    return switch (x.u16(0)) {
      case 0 -> new Statistic.Random(Integer.toUnsignedLong(x.i32(4)), not);
      case 1 -> {
        if (x.i32(4) < 0 || x.i32(4) == Integer.MAX_VALUE) {
          throw Refused.invalid("match 'statistic': every");
        }
        yield new Statistic.Nth(x.i32(4) + 1, x.i32(8), not);
      }
      default -> throw Refused.invalid("match 'statistic': mode");
    };
  }
}
