package io.loomvisor.runtime.network;

import io.loomvisor.kernel.socket.netlink.MessageWriter;
import io.loomvisor.kernel.socket.netlink.NetlinkAbi;
import io.loomvisor.net.link.PacketSocket;
import io.loomvisor.net.wire.IpProtocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the host's kernel still does in a namespace whose interfaces the sandbox has: it keeps the
 * IPv4 addresses and routes, which engines go on to change, and takes nothing that arrives; but
 * where there is Docker's name server, which asks others from within the namespace, what comes from
 * port 53 to ports that the stack does not choose. The stack sees everything but that.
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
final class HostRules {
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

  private static final Path ARP_IGNORE = Path.of("/proc/sys/net/ipv4/conf/all/arp_ignore");

  /** "Do not reply for all local addresses" (ip-sysctl.rst). */
  private static final String NEVER = "8";

  private HostRules() {}

  /** Nothing of {@code link} is for the host's kernel, if {@link #engage}d, but answers. */
  static void blackHole(RouteNetlink host, HostLink link) throws IOException {
    host.commitOnce(
        "a rule for " + link.name(),
        rule(host, NetlinkAbi.FR_ACT_BLACKHOLE, ALL_ELSE)
            .attribute(NetlinkAbi.FRA_IIFNAME, link.name()));
  }

  /** What {@link #HIDDEN} keeps from the stack is for the host's kernel. */
  static void answers(RouteNetlink host, HostLink link) throws IOException {
    answers(host, link, UDP_ANSWERS, IpProtocol.UDP);
    answers(host, link, TCP_ANSWERS, IpProtocol.TCP);
  }

  private static void answers(RouteNetlink host, HostLink link, int priority, int protocol)
      throws IOException {
    host.commitOnce(
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

  /**
   * From here on the rules count, as that for all local addresses comes later; and nobody answers
   * for addresses of the namespace, of interfaces that come later neither.
   */
  static void engage(RouteNetlink host) throws IOException {
    Files.writeString(ARP_IGNORE, NEVER);
    Files.writeString(PORT_RANGE, LOWEST_PORT + " " + HIGHEST_PORT);
    host.commitOnce(
        "the rule for local addresses",
        rule(host, NetlinkAbi.FR_ACT_TO_TBL, LOCAL)
            .attribute(NetlinkAbi.FRA_TABLE, NetlinkAbi.RT_TABLE_LOCAL));
    MessageWriter old =
        header(host.change(NetlinkAbi.RTM_DELRULE, 0), NetlinkAbi.FR_ACT_TO_TBL)
            .attribute(NetlinkAbi.FRA_PRIORITY, FIRST)
            .attribute(NetlinkAbi.FRA_TABLE, NetlinkAbi.RT_TABLE_LOCAL);
    host.commitOnce("removing the first rule for local addresses", old);
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
