package io.loomvisor.runtime.network;

import io.loomvisor.kernel.socket.inet.InetNetwork;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.ip.Route;
import io.loomvisor.net.link.FdLink;
import io.loomvisor.net.link.PacketSocket;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.runtime.host.UnixSockets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the interfaces of this process's network namespace into the sandbox's stack: each with its
 * hardware address, MTU, addresses, routes and permanent neighbours. The stack gets a packet socket
 * on it; the host's kernel loses the addresses, or it would answer the same packets: with a reset
 * to each segment of a connection that it knows nothing of.
 */
public final class Takeover {
  private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);
  private static final String IPV6_OFF = "/proc/sys/net/ipv6/conf/%s/disable_ipv6";

  /** Noted about an interface that a sandbox has got: it has lost what another would need. */
  private static final String TAKEN = "taken over by loomvisor";

  private static final String NO_ARP = "/proc/sys/net/ipv4/conf/default/arp_ignore";
  private static final String NEVER = "8";

  /** A sandbox of this network namespace has this name in it. */
  private static final String CLAIM = "loomvisor-sandbox";

  private Takeover() {}

  /**
   * Does it. This process must be in a network namespace of the sandbox's own, with CAP_NET_ADMIN
   * and CAP_NET_RAW.
   *
   * @return how many interfaces the sandbox has got
   * @throws IOException also if another sandbox has them, or had them
   */
  public static int into(InetNetwork network) throws IOException {
    if (UnixSockets.claimName(CLAIM) < 0) {
      throw new IOException(
          "another container's sandbox has this network namespace, and can share it with none"
              + " (--network container:ID, a pod with several containers): not supported");
    }
    List<HostLink> all;
    int taken = 0;
    boolean resolver = ResolverRelay.wanted();
    try (RouteNetlink host = new RouteNetlink()) {
      all = host.links();
      for (HostLink link : all) {
        if (!link.up()) {
          continue;
        }
        if (TAKEN.equals(link.alias())) {
          throw new IOException(
              "interface "
                  + link.name()
                  + " has been another sandbox's of this network namespace, which has ended, and"
                  + " lacks its addresses since; make the namespace or the pod anew");
        }
        if (link.isLoopback()) {
          loopback(link, network.ip());
        } else if (!link.isEthernet() || link.addresses().isEmpty()) {
          LOG.warn(
              "Interface {} stays the host's: it {}.",
              link.name(),
              link.isEthernet() ? "has no addresses" : "is no Ethernet");
        } else {
          take(host, link, resolver, network.ip());
          taken++;
        }
      }
      if (resolver) {
        ResolverRules.engage(host);
        ResolverRelay.start(network);
      }
    }
    quietenLater();
    LaterInterfaces.watch(all);
    return taken;
  }

  /** An interface that comes later is not the sandbox's: nobody is to answer for its addresses. */
  private static void quietenLater() throws IOException {
    if (Files.isWritable(Path.of(NO_ARP))) {
      Files.writeString(Path.of(NO_ARP), NEVER);
    }
    Path ipv6 = Path.of(IPV6_OFF.replace("%s", "default"));
    if (Files.isWritable(ipv6)) {
      Files.writeString(ipv6, "1");
    }
  }

  /** Where IPv6 is off (net.ipv6.conf.all.disable_ipv6), the loopback has no address of it. */
  private static void loopback(HostLink host, IpLayer ip) {
    if (host.addresses().stream().anyMatch(a -> a.address().equals(IpAddress.LOOPBACK6))) {
      return;
    }
    for (Nic nic : ip.nics()) {
      if (nic.isLoopback()) {
        ip.removeAddress(nic, IpAddress.LOOPBACK6);
      }
    }
  }

  private static void take(RouteNetlink host, HostLink link, boolean resolver, IpLayer ip)
      throws IOException {
    host.setAlias(link, TAKEN);
    int fd = PacketSocket.open(link.index(), resolver ? ResolverRules.HIDDEN : null);
    if (resolver) {
      ResolverRules.confine(host, link);
    }
    for (HostLink.Address a : link.addresses()) {
      if (!resolver || a.address().v6()) {
        host.removeAddress(link, a);
      }
    }
    Path ipv6 = Path.of(IPV6_OFF.replace("%s", link.name()));
    if (Files.isWritable(ipv6)) {
      // It would give itself a link-local address again, and listen to router advertisements.
      Files.writeString(ipv6, "1");
    }
    Nic nic = ip.addNic(link.name(), FdLink.offloading(fd, link.mtu(), link.mac(), ip.pool()));
    for (HostLink.Address a : link.addresses()) {
      ip.addAddress(nic, a.address(), a.prefixLength());
      // The routes say themselves whether the prefix is on link (IFA_F_NOPREFIXROUTE).
      ip.removeRoute(Route.onLink(a.address(), a.prefixLength(), nic.id()));
    }
    for (HostLink.Way w : link.routes()) {
      ip.addRoute(new Route(w.prefix(), w.length(), w.gateway(), nic.id(), w.source(), w.metric()));
    }
    for (HostLink.Neighbor n : link.neighbors()) {
      nic.neighbors(n.address().v6()).permanent(n.address(), n.mac());
    }
    LOG.info("Interface {}: {} {}", link.name(), link.addresses(), link.routes());
  }
}
