package io.loomvisor.runtime.network;

import io.loomvisor.kernel.socket.netlink.MessageWriter;
import io.loomvisor.kernel.socket.netlink.NetlinkAbi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the host's kernel still does in a namespace with Docker's name server, which asks others
 * from within the namespace: it keeps the IPv4 addresses, and takes what comes from port 53 by UDP,
 * but nothing else that arrives. The sandbox's stack sees all frames and has the same addresses;
 * the two have different ports to choose from.
 *
 * <p>The means are routing rules (ip-rule(8)), which packets pass before the kernel knows whether
 * they are for it; what is sent into a black hole is answered by nothing, not even a reset.
 *
 * <pre>
 *   1: iif eth0 udp from port 53: table local       3: table local, which was 0
 *   2: iif eth0: black hole                          32766: table main, as ever
 * </pre>
 */
final class ResolverRules {
  private static final int AF_INET = 2;
  private static final int DNS = 53;
  private static final int UDP = 17;

  private static final int ANSWERS = 1;
  private static final int ALL_ELSE = 2;
  private static final int LOCAL = 3;
  private static final int FIRST = 0;

  private static final Path PORT_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

  /** Above what the stack takes (net.socket.EphemeralPorts). */
  private static final String HIGH_PORTS = "61001 65000";

  private static final String ARP_IGNORE = "/proc/sys/net/ipv4/conf/%s/arp_ignore";

  /** "Do not reply for all local addresses" (ip-sysctl.rst). */
  private static final String NEVER = "8";

  private ResolverRules() {}

  /** Before the first: nothing of {@code link} is for the host's kernel but answers. */
  static void confine(RouteNetlink host, HostLink link) throws IOException {
    Files.writeString(Path.of(String.format(ARP_IGNORE, link.name())), NEVER);
    host.commit(
        "a rule for answers on " + link.name(),
        rule(host, NetlinkAbi.FR_ACT_TO_TBL, ANSWERS)
            .attribute(NetlinkAbi.FRA_TABLE, NetlinkAbi.RT_TABLE_LOCAL)
            .attribute(NetlinkAbi.FRA_IIFNAME, link.name())
            .attribute(NetlinkAbi.FRA_IP_PROTO, new byte[] {UDP})
            // struct fib_rule_port_range: start and end, 16 bits each.
            .attribute(NetlinkAbi.FRA_SPORT_RANGE, DNS << 16 | DNS));
    host.commit(
        "a rule for " + link.name(),
        rule(host, NetlinkAbi.FR_ACT_BLACKHOLE, ALL_ELSE)
            .attribute(NetlinkAbi.FRA_IIFNAME, link.name()));
  }

  /** After the last: from now on the rules count, as that for all local addresses comes later. */
  static void engage(RouteNetlink host) throws IOException {
    Files.writeString(PORT_RANGE, HIGH_PORTS);
    host.commit(
        "the rule for local addresses",
        rule(host, NetlinkAbi.FR_ACT_TO_TBL, LOCAL)
            .attribute(NetlinkAbi.FRA_TABLE, NetlinkAbi.RT_TABLE_LOCAL));
    MessageWriter old =
        header(host.change(NetlinkAbi.RTM_DELRULE, 0), NetlinkAbi.FR_ACT_TO_TBL)
            .attribute(NetlinkAbi.FRA_PRIORITY, FIRST)
            .attribute(NetlinkAbi.FRA_TABLE, NetlinkAbi.RT_TABLE_LOCAL);
    host.commit("removing the first rule for local addresses", old);
  }

  private static MessageWriter rule(RouteNetlink host, int action, int priority) {
    int flags = NetlinkAbi.NLM_F_CREATE | NetlinkAbi.NLM_F_EXCL;
    return header(host.change(NetlinkAbi.RTM_NEWRULE, flags), action)
        .attribute(NetlinkAbi.FRA_PRIORITY, priority);
  }

  /** struct fib_rule_hdr: family, dst_len, src_len, tos, table, two unused, action, flags. */
  private static MessageWriter header(MessageWriter m, int action) {
    int table = action == NetlinkAbi.FR_ACT_TO_TBL ? NetlinkAbi.RT_TABLE_LOCAL : 0;
    return m.u8(AF_INET).u8(0).u8(0).u8(0).u8(table).u8(0).u8(0).u8(action).u32(0);
  }
}
