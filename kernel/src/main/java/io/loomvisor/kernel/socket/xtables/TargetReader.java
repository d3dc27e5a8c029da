package io.loomvisor.kernel.socket.xtables;

import io.loomvisor.net.filter.action.RejectWith;
import io.loomvisor.net.filter.action.Target;
import io.loomvisor.net.nat.NatRange;
import io.loomvisor.net.wire.IpAddress;
import java.util.Map;
import java.util.Set;

/** Targets by name, but for verdicts and jumps. */
final class TargetReader {
  /** The revisions that are there; those of translation differ between IP versions. */
  private static final Map<String, Set<Integer>> BOTH =
      Map.of(
          "REJECT", Set.of(0),
          "LOG", Set.of(0),
          "MARK", Set.of(2),
          "CT", Set.of(1, 2),
          "NOTRACK", Set.of(0),
          "MASQUERADE", Set.of(0),
          "REDIRECT", Set.of(0));

  private static final Map<String, Set<Integer>> V4 =
      Map.of("DNAT", Set.of(0, 2), "SNAT", Set.of(0, 1));
  private static final Map<String, Set<Integer>> V6 =
      Map.of("DNAT", Set.of(1, 2), "SNAT", Set.of(1));

  private static final RejectWith[] REJECT4 = {
    RejectWith.ICMP_NET_UNREACHABLE,
    RejectWith.ICMP_HOST_UNREACHABLE,
    RejectWith.ICMP_PROTO_UNREACHABLE,
    RejectWith.ICMP_PORT_UNREACHABLE,
    null, // IPT_ICMP_ECHOREPLY, which Linux refuses too
    RejectWith.ICMP_NET_PROHIBITED,
    RejectWith.ICMP_HOST_PROHIBITED,
    RejectWith.TCP_RESET,
    RejectWith.ICMP_ADMIN_PROHIBITED,
  };

  private static final RejectWith[] REJECT6 = {
    RejectWith.ICMP6_NO_ROUTE,
    RejectWith.ICMP6_ADM_PROHIBITED,
    null, // IP6T_ICMP6_NOT_NEIGHBOUR: never was
    RejectWith.ICMP6_ADDR_UNREACHABLE,
    RejectWith.ICMP6_PORT_UNREACHABLE,
    null, // IP6T_ICMP6_ECHOREPLY
    RejectWith.TCP_RESET,
    RejectWith.ICMP6_POLICY_FAIL,
    RejectWith.ICMP6_REJECT_ROUTE,
  };

  /** NF_NAT_RANGE_ flags. */
  private static final int MAP_IPS = 1;

  private static final int PROTO_SPECIFIED = 2;
  private static final int PROTO_RANDOM = 4;
  private static final int PERSISTENT = 8;
  private static final int PROTO_RANDOM_FULLY = 0x10;
  private static final int KNOWN =
      MAP_IPS | PROTO_SPECIFIED | PROTO_RANDOM | PERSISTENT | PROTO_RANDOM_FULLY;

  private static final int XT_CT_NOTRACK = 1;

  private TargetReader() {}

  static Set<Integer> revisions(String name, boolean v6) {
    return BOTH.getOrDefault(name, (v6 ? V6 : V4).getOrDefault(name, Set.of()));
  }

  static Target read(Extension x, boolean v6) {
    if (!revisions(x.name(), v6).contains(x.revision())) {
      throw Refused.missing("target " + x);
    }
    return switch (x.name()) {
      case "REJECT" -> reject(x, v6);
      case "LOG" -> log(x);
      case "MARK" -> {
        x.requireSize(8);
        yield new Target.Mark(x.i32(0), x.i32(4));
      }
      case "NOTRACK" -> new Target.NoTrack();
      case "CT" -> ct(x);
      case "DNAT" -> new Target.Dnat(x.revision() == 0 ? one(x) : range(x, v6));
      case "SNAT" -> new Target.Snat(x.revision() == 0 ? one(x) : range(x, v6));
      case "MASQUERADE" -> new Target.Masquerade(withoutAddress(v6 ? range(x, true) : one(x)));
      case "REDIRECT" -> new Target.Redirect(withoutAddress(v6 ? range(x, true) : one(x)));
      default -> throw new AssertionError(x.name());
    };
  }

  private static Target reject(Extension x, boolean v6) {
    x.requireSize(4);
    RejectWith[] all = v6 ? REJECT6 : REJECT4;
    int with = x.i32(0);
    if (with < 0 || with >= all.length || all[with] == null) {
      throw Refused.invalid("target 'REJECT' with " + with);
    }
    return new Target.Reject(all[with]);
  }

  /** struct xt_log_info: level, logflags, prefix[30]. The flags say what more the line tells. */
  private static Target log(Extension x) {
    x.requireSize(32);
    String prefix = Extension.text(x.data(), 2, Target.Log.MAX_PREFIX);
    return new Target.Log(prefix, x.u8(0));
  }

  /** struct xt_ct_target_info_v1: flags, zone, events, helper[16], timeout[32], a pointer. */
  private static Target ct(Extension x) {
    x.requireSize(72);
    boolean helper = x.u8(12) != 0 || x.u8(28) != 0;
    if (x.u16(0) != XT_CT_NOTRACK || x.u16(2) != 0 || helper) {
      throw Refused.missing("target 'CT': others than --notrack");
    }
    return new Target.NoTrack();
  }

  /** struct nf_nat_ipv4_multi_range_compat: a count of one, flags, two addresses, two ports. */
  private static NatRange one(Extension x) {
    x.requireSize(20);
    if (x.i32(0) != 1) {
      throw Refused.invalid("target '" + x.name() + "': several ranges");
    }
    IpAddress first = IpAddress.v4(Integer.reverseBytes(x.i32(8)));
    IpAddress last = IpAddress.v4(Integer.reverseBytes(x.i32(12)));
    return range(x, x.i32(4), first, last, 16);
  }

  /** struct nf_nat_range and nf_nat_range2: flags, two addresses of 16 bytes, two ports. */
  private static NatRange range(Extension x, boolean v6) {
    x.requireSize(x.revision() == 2 ? 44 : 40);
    byte[] b = new byte[32];
    x.data().get(4, b);
    return range(x, x.i32(0), IpAddress.read(b, 0, v6), IpAddress.read(b, 16, v6), 36);
  }

  private static NatRange range(
      Extension x, int flags, IpAddress first, IpAddress last, int ports) {
    if ((flags & ~KNOWN) != 0) {
      throw Refused.missing("target " + x + ": flags " + Integer.toHexString(flags));
    }
    boolean addresses = (flags & MAP_IPS) != 0;
    boolean hasPorts = (flags & PROTO_SPECIFIED) != 0;
    return new NatRange(
        addresses ? first : null,
        addresses ? last : null,
        hasPorts ? x.port(ports) : 0,
        hasPorts ? x.port(ports + 2) : 0,
        (flags & (PROTO_RANDOM | PROTO_RANDOM_FULLY)) != 0,
        (flags & PERSISTENT) != 0);
  }

  private static NatRange withoutAddress(NatRange r) {
    if (r.first() != null) {
      throw Refused.invalid("an address where there is none to give");
    }
    return r;
  }
}
