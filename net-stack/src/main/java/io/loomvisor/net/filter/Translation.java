package io.loomvisor.net.filter;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.conntrack.Connection;
import io.loomvisor.net.conntrack.Tracking;
import io.loomvisor.net.filter.action.Target;
import io.loomvisor.net.ip.InterfaceAddress;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.nat.Mapper;
import io.loomvisor.net.nat.NatRange;
import io.loomvisor.net.nat.Rewriter;
import io.loomvisor.net.wire.IpAddress;

/** Between what rules say about translation and what is done to packets. */
final class Translation {
  private final IpLayer ip;
  private final Mapper mapper;

  Translation(IpLayer ip, Mapper mapper) {
    this.ip = ip;
    this.mapper = mapper;
  }

  /**
   * Carries out for a connection what the rules said about its first packet.
   *
   * @return false if it cannot be, and the packet must be dropped
   */
  boolean decide(Subject s, Connection c, Target said, boolean source) {
    NatRange range =
        switch (said) {
          case Target.Dnat d -> d.range();
          case Target.Snat n -> n.range();
          case Target.Masquerade m -> at(m.ports(), ip.sourceOn(s.outNic(), s.destination()));
          case Target.Redirect r -> at(r.ports(), redirected(s));
          // Another connection's answers may look like this one's: its port changes then.
          default -> source ? NatRange.UNCHANGED : null;
        };
    if (range == null) {
      c.decided(source);
      return said instanceof Target.Accept;
    }
    return mapper.map(c, range, source);
  }

  private static NatRange at(NatRange ports, IpAddress address) {
    return address == null ? null : ports.at(address);
  }

  /** Where REDIRECT leads: the loopback for own packets, otherwise where the packet came in. */
  private static IpAddress redirected(Subject s) {
    boolean v6 = s.view().v6();
    if (s.hook() == Hook.OUTPUT) {
      return v6 ? IpAddress.LOOPBACK6 : IpAddress.LOOPBACK4;
    }
    Nic in = s.inNic();
    for (InterfaceAddress a : in.addresses()) {
      if (a.address().v6() == v6 && !(v6 && a.address().isLinkLocal())) {
        return a.address();
      }
    }
    return null;
  }

  /** Makes a packet look as its connection is translated. */
  void apply(Subject s, Tracking t, boolean source) {
    if (Rewriter.translate(s.packet(), s.view(), t, source)) {
      s.changed();
    }
  }

  /** The packet's facts become what its header says. */
  void readAddresses(Subject s, boolean outgoing) {
    FlowKey f = s.packet().flow;
    IpAddress local = outgoing ? s.view().source(s.array()) : s.view().destination(s.array());
    IpAddress remote = outgoing ? s.view().destination(s.array()) : s.view().source(s.array());
    f.localHi = local.hi();
    f.localLo = local.lo();
    f.remoteHi = remote.hi();
    f.remoteLo = remote.lo();
  }
}
