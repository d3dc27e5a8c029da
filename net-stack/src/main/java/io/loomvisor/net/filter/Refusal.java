package io.loomvisor.net.filter;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.filter.action.RejectWith;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.IpView;
import io.loomvisor.net.wire.Tcp;

/** Tells the sender of a packet that it was refused. */
final class Refusal {
  private final IpLayer ip;

  Refusal(IpLayer ip) {
    this.ip = ip;
  }

  /** Does not release the packet. */
  void refuse(Subject s, RejectWith with) {
    PacketBuffer p = s.packet();
    if (s.view().later() || s.nic() == null) {
      return;
    }
    p.networkOffset = p.start();
    p.flow.set(new FlowKey(s.destination(), 0, s.source(), 0));
    if (with != RejectWith.TCP_RESET) {
      ip.refuse(s.nic(), p, with.type(), with.code());
    } else if (s.view().protocol() == IpProtocol.TCP) {
      reset(s, p);
    }
  }

  /** RFC 9293 section 3.5.2, group 1: as if nobody listened there. */
  private void reset(Subject s, PacketBuffer p) {
    IpView v = s.view();
    byte[] a = p.array();
    int t = v.transport();
    IpAddress from = s.destination();
    IpAddress to = s.source();
    boolean whole = v.has(Tcp.MIN_HEADER) && Tcp.check(a, t, v.end() - t);
    if (!whole || (Tcp.flags(a, t) & Tcp.RST) != 0) {
      return;
    }
    if (from.isMulticast() || ip.isBroadcast(from) || to.isUnspecified() || to.isMulticast()) {
      return;
    }
    Path path = ip.path(to, from, 0);
    if (path == null) {
      return;
    }
    int flags = Tcp.flags(a, t);
    boolean acks = (flags & Tcp.ACK) != 0;
    int length = v.end() - t - Tcp.headerLength(a, t);
    int used = length + ((flags & Tcp.SYN) != 0 ? 1 : 0) + ((flags & Tcp.FIN) != 0 ? 1 : 0);
    PacketBuffer r = ip.pool().acquire(Tcp.MIN_HEADER);
    int at = r.append(Tcp.MIN_HEADER);
    Tcp.write(
        r.array(),
        at,
        Tcp.MIN_HEADER,
        Tcp.destinationPort(a, t),
        Tcp.sourcePort(a, t),
        acks ? Tcp.ack(a, t) : 0,
        acks ? 0 : Tcp.seq(a, t) + used,
        acks ? Tcp.RST : Tcp.RST | Tcp.ACK,
        0,
        0);
    long pseudo = Checksum.pseudo(from, to, IpProtocol.TCP, Tcp.MIN_HEADER);
    Tcp.writeChecksum(r.array(), at, Tcp.MIN_HEADER, pseudo);
    r.flow.set(new FlowKey(from, 0, to, 0));
    r.protocol = IpProtocol.TCP;
    r.tracked = p.tracked == null ? null : p.tracked.answer(false);
    ip.send(path, r, true);
  }
}
