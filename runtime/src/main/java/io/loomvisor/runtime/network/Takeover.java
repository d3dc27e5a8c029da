package io.loomvisor.runtime.network;

import io.loomvisor.kernel.socket.inet.InetNetwork;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.link.FdLink;
import io.loomvisor.net.link.PacketSocket;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.runtime.host.UnixSockets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the interfaces of this process's network namespace into the sandbox's stack: each with its
 * hardware address, MTU, addresses, routes and permanent neighbours. The stack gets a packet socket
 * on it; the host's kernel must not see what arrives there ({@link HostRules}), or it would answer
 * the same packets: with a reset to each segment of a connection that it knows nothing of.
 */
public final class Takeover {
  private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);
  private static final String IPV6_OFF = "/proc/sys/net/ipv6/conf/%s/disable_ipv6";

  /** Noted about an interface that a sandbox has got. */
  private static final String TAKEN = "taken over by loomvisor";

  /** A sandbox of this network namespace has this name in it. */
  private static final String CLAIM = "loomvisor-sandbox";

  private Takeover() {}

  /**
   * Does it, and follows what becomes of the namespace. This process must be in a network namespace
   * of the sandbox's own, with CAP_NET_ADMIN and CAP_NET_RAW.
   *
   * @return how many interfaces the sandbox has got
   * @throws IOException also if another sandbox has them
   */
  public static int into(InetNetwork network) throws IOException {
    if (UnixSockets.claimName(CLAIM) < 0) {
      throw new IOException(
          "another sandbox has this network namespace, and is none of this runtime's root"
              + " directory: not supported");
    }
    InterfaceWatch watch = InterfaceWatch.open(); // before what is there is read
    StackLinks links = new StackLinks(network.ip());
    int taken = 0;
    boolean resolver = ResolverRelay.wanted();
    try (RouteNetlink host = new RouteNetlink()) {
      for (HostLink link : host.links()) {
        if (!link.up()) {
          continue;
        }
        if (link.isLoopback()) {
          loopback(link, network.ip());
        } else if (!link.isEthernet() || link.addresses().isEmpty()) {
          LOG.warn(
              "Interface {} stays the host's: it {}.",
              link.name(),
              link.isEthernet() ? "has no addresses" : "is no Ethernet");
        } else {
          int fd = detach(host, link, resolver);
          silence(link);
          links.add(link, FdLink.offloading(fd, link.mtu(), link.mac(), network.ip().pool()));
          taken++;
        }
      }
      if (taken > 0) {
        HostRules.engage(host);
        quietenLater();
      }
    }
    if (taken > 0) {
      KeeperConnection keeper = KeeperConnection.open(resolver);
      if (resolver) {
        ResolverRelay.start(network);
        ResolverStreams.start(network, keeper);
      }
      watch.start(links, keeper, fd -> resolverAppeared(network, keeper, fd));
    }
    return taken;
  }

  private static void resolverAppeared(InetNetwork network, KeeperConnection keeper, int fd) {
    try {
      ResolverRelay.start(network, fd);
      ResolverStreams.start(network, keeper);
    } catch (IOException e) {
      LOG.error("Names are not resolved", e);
    }
  }

  /** It would give itself a link-local address, and listen to router advertisements. */
  private static void quietenLater() throws IOException {
    Path ipv6 = Path.of(String.format(IPV6_OFF, "default"));
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

  /** Whether a sandbox has got it. */
  static boolean isTaken(HostLink link) {
    return TAKEN.equals(link.alias());
  }

  /**
   * Takes {@code link} from the host's kernel, which keeps its IPv4 addresses and routes but does
   * not see what arrives: a packet socket on it.
   *
   * @param resolver whether the namespace has Docker's name server
   */
  static int detach(RouteNetlink host, HostLink link, boolean resolver) throws IOException {
    host.setAlias(link, TAKEN);
    int fd = PacketSocket.open(link.index(), resolver ? HostRules.HIDDEN : null);
    HostRules.blackHole(host, link);
    if (resolver) {
      HostRules.answers(host, link);
    }
    for (HostLink.Address a : link.addresses()) {
      if (a.address().v6()) {
        host.removeAddress(link, a);
      }
    }
    return fd;
  }

  /** It would give itself a link-local address again, and listen to router advertisements. */
  private static void silence(HostLink link) throws IOException {
    Path ipv6 = Path.of(String.format(IPV6_OFF, link.name()));
    if (Files.isWritable(ipv6)) {
      Files.writeString(ipv6, "1");
    }
  }
}
