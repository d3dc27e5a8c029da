package io.loomvisor.net.ip;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.wire.GroupQuery;
import io.loomvisor.net.wire.GroupQuery.GroupRecord;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Mld;
import java.util.List;

/** Multicast listener discovery messages, both ways; what to say when is {@link GroupReports}'. */
final class MldLayer implements GroupReports.GroupMessages {
  /** A hop-by-hop header in front of ICMPv6 with router alert, value 0 (RFC 2711), and PadN. */
  private static final byte[] ROUTER_ALERT = {IpProtocol.ICMPV6, 0, 5, 2, 0, 0, 1, 0};

  private final IpLayer ip;
  private final GroupReports reports;

  MldLayer(IpLayer ip) {
    this.ip = ip;
    reports = new GroupReports(ip.clock(), this);
  }

  GroupReports reports() {
    return reports;
  }

  /** RFC 3810 section 6.2: from the link, with hop limit 1 and router alert, or not at all. */
  void receive(Nic nic, PacketBuffer p) {
    byte[] a = p.array();
    int at = p.start();
    boolean valid =
        p.ttl == 1
            && p.flow.remote().isLinkLocal()
            && Mld.hasRouterAlert(a, p.networkOffset)
            && !nic.isLoopback();
    if (valid) {
      GroupQuery q = Mld.query(a, at, p.length());
      if (q != null) {
        reports.queried(nic, q);
      } else if (Icmp6.type(a, at) == Icmp6.MLD_REPORT && p.length() >= Mld.V1_LENGTH) {
        reports.reported(nic, IpAddress.read(a, at + 8, true));
      }
    }
    p.release();
  }

  @Override
  public void report(Nic nic, List<GroupRecord> records) {
    byte[] body = GroupQuery.records(records);
    send(nic, Mld.ALL_V2_ROUTERS, Icmp6.MLD2_REPORT, records.size(), body);
  }

  @Override
  public void oldReport(Nic nic, int version, IpAddress group) {
    send(nic, group, Icmp6.MLD_REPORT, 0, bytes(group));
  }

  @Override
  public void oldLeave(Nic nic, IpAddress group) {
    send(nic, IpAddress.ALL_ROUTERS6, Icmp6.MLD_DONE, 0, bytes(group));
  }

  private static byte[] bytes(IpAddress a) {
    byte[] b = new byte[16];
    a.write(b, 0);
    return b;
  }

  private void send(Nic nic, IpAddress to, int type, int rest, byte[] body) {
    IpAddress from = linkLocal(nic);
    int length = Icmp6.HEADER + body.length;
    PacketBuffer p = ip.pool().acquire(ROUTER_ALERT.length + length);
    p.append(ROUTER_ALERT, 0, ROUTER_ALERT.length);
    int at = p.append(Icmp6.HEADER);
    p.append(body, 0, body.length);
    Icmp6.write(p.array(), at, length, type, 0, rest, from, to);
    p.flow.set(new FlowKey(from, 0, to, 0));
    p.protocol = IpProtocol.HOP_BY_HOP;
    p.ttl = 1;
    ip.send(new Path(nic, to, from, nic.mtu(), false), p, true);
  }

  /** RFC 3810 section 5.2.13: a valid link-local address, or none while there is none. */
  private static IpAddress linkLocal(Nic nic) {
    for (InterfaceAddress a : nic.addresses()) {
      boolean usable = a.state() != InterfaceAddress.State.TENTATIVE;
      if (usable && a.address().v6() && a.address().isLinkLocal()) {
        return a.address();
      }
    }
    return IpAddress.ANY6;
  }
}
