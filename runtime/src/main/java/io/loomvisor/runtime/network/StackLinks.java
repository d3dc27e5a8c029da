package io.loomvisor.runtime.network;

import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.ip.Route;
import io.loomvisor.net.link.Link;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The interfaces that the stack has got, by the host's number of them. Owned by the thread that
 * boots, then by {@link InterfaceWatch}'s.
 */
final class StackLinks {
  private static final Logger LOG = LoggerFactory.getLogger(StackLinks.class);

  private final IpLayer ip;
  private final Map<Integer, Nic> nics = new HashMap<>();

  StackLinks(IpLayer ip) {
    this.ip = ip;
  }

  IpLayer ip() {
    return ip;
  }

  boolean has(int index) {
    return nics.containsKey(index);
  }

  /** With its addresses, routes and permanent neighbours. */
  void add(HostLink host, Link link) {
    describe(host, ip.addNic(host.name(), link));
  }

  /** As {@link #add}, with the host's number too. */
  void addAs(HostLink host, Link link) {
    Nic nic = ip.addNic(host.index(), host.name(), link);
    describe(host, nic);
    if (!host.up()) {
      ip.setUp(nic, false);
    }
  }

  /** The stack's loopback is this one. */
  void adopt(HostLink host, Nic loopback) {
    describe(host, loopback);
  }

  private void describe(HostLink host, Nic nic) {
    nics.put(host.index(), nic);
    host.addresses().forEach(a -> addAddress(nic, a));
    host.routes().forEach(w -> ip.addRoute(route(nic, w)));
    for (HostLink.Neighbor n : host.neighbors()) {
      nic.neighbors(n.address().v6()).permanent(n.address(), n.mac());
    }
    LOG.info("Interface {}: {} {}", host.name(), host.addresses(), host.routes());
  }

  /** The routes say themselves whether the prefix is on link (IFA_F_NOPREFIXROUTE). */
  private void addAddress(Nic nic, HostLink.Address a) {
    boolean known =
        nic.addresses().stream()
            .anyMatch(
                own -> own.address().equals(a.address()) && own.prefixLength() == a.prefixLength());
    if (!known) {
      ip.addAddress(nic, a.address(), a.prefixLength());
      ip.removeRoute(Route.onLink(a.address(), a.prefixLength(), nic.id()));
    }
  }

  private static Route route(Nic nic, HostLink.Way w) {
    return new Route(w.prefix(), w.length(), w.gateway(), nic.id(), w.source(), w.metric());
  }

  /** It is gone on the host. */
  void remove(int index) {
    Nic nic = nics.remove(index);
    if (nic != null) {
      ip.removeNic(nic);
      LOG.info("Interface {} has been taken away", nic.name());
    }
  }

  /** The host's have changed: the stack's as well, unless they are so already. */
  void address(int index, HostLink.Address address, boolean added) {
    Nic nic = nics.get(index);
    if (added) {
      addAddress(nic, address);
    } else {
      ip.removeAddress(nic, address.address());
    }
  }

  /** As {@link #address}. */
  void route(int index, HostLink.Way way, boolean added) {
    Route route = route(nics.get(index), way);
    if (!added) {
      ip.removeRoute(route);
    } else if (!ip.routes().contains(route)) {
      ip.addRoute(route);
    }
  }
}
