package io.loomvisor.runtime.network;

import io.loomvisor.kernel.socket.netlink.MessageWriter;
import io.loomvisor.kernel.socket.netlink.NetlinkAbi;
import io.loomvisor.net.link.PacketSocket;
import io.loomvisor.net.wire.IpProtocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the host's kernel still does in a namespace with Docker's name server, which asks others
 * from within the namespace: it keeps the IPv4 addresses, and takes what comes from port 53 to
 * ports that the stack does not choose, but nothing else that arrives. The stack sees everything
 * but that.
 *
 * <p>The means are routing rules (ip-rule(8)), which packets pass before the kernel knows whether
 * they are for it; what is sent into a black hole is answered by nothing, not even a reset.
 *
 * <pre>
 *   1: iif eth0 udp from port 53 to 61001-65000: table local
 *   2: iif eth0 tcp from port 53 to 61001-65000: table local
 *   3: iif eth0: black hole
 *   4: table local, which was 0
 * </pre>
 */
final class ResolverRules {
  private static final int AF_INET = 2;
  private static final int DNS = 53;

  /** Above what the stack takes (net.socket.EphemeralPorts). */
  private static final int LOWEST_PORT = 61_001;

  private static final int HIGHEST_PORT = 65_000;

  /** What the stack is not to see of an interface. */
  static final PacketSocket.Hidden HIDDEN = new PacketSocket.Hidden(DNS, LOWEST_PORT, HIGHEST_PORT);

  // Priorities of rules.
  private static final int UDP_ANSWERS = 1;
  private static final int TCP_ANSWERS = 2;
  private static final int ALL_ELSE = 3;
  private static final int LOCAL = 4;
  private static final int FIRST = 0;

  private static final Path PORT_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

  private static final String ARP_IGNORE = "/proc/sys/net/ipv4/conf/%s/arp_ignore";

  /** "Do not reply for all local addresses" (ip-sysctl.rst). */
  private static final String NEVER = "8";

  private ResolverRules() {}

  /** Before the first: nothing of {@code link} is for the host's kernel but answers. */
  static void confine(RouteNetlink host, HostLink link) throws IOException {
    Files.writeString(Path.of(ARP_IGNORE.replace("%s", link.name())), NEVER);
    answers(host, link, UDP_ANSWERS, IpProtocol.UDP);
    answers(host, link, TCP_ANSWERS, IpProtocol.TCP);
    host.commit(
        "a rule for " + link.name(),
        rule(host, NetlinkAbi.FR_ACT_BLACKHOLE, ALL_ELSE)
            .attribute(NetlinkAbi.FRA_IIFNAME, link.name()));
  }

  private static void answers(RouteNetlink host, HostLink link, int priority, int protocol)
      throws IOException {
    host.commit(
        "a rule for answers on " + link.name(),
        rule(host, NetlinkAbi.FR_ACT_TO_TBL, priority)
            .attribute(NetlinkAbi.FRA_TABLE, NetlinkAbi.RT_TABLE_LOCAL)
            .attribute(NetlinkAbi.FRA_IIFNAME, link.name())
            .attribute(NetlinkAbi.FRA_IP_PROTO, new byte[] {(byte) protocol})
            .attribute(NetlinkAbi.FRA_SPORT_RANGE, range(DNS, DNS))
            .attribute(NetlinkAbi.FRA_DPORT_RANGE, range(LOWEST_PORT, HIGHEST_PORT)));
  }

  /** struct fib_rule_port_range: start and end, 16 bits each. */
  private static int range(int start, int end) {
    return end << 16 | start;
  }

  /** After the last: from now on the rules count, as that for all local addresses comes later. */
  static void engage(RouteNetlink host) throws IOException {
    Files.writeString(PORT_RANGE, LOWEST_PORT + " " + HIGHEST_PORT);
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
