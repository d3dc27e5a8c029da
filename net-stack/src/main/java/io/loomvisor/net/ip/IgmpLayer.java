package io.loomvisor.net.ip;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.GroupQuery;
import io.loomvisor.net.wire.GroupQuery.GroupRecord;
import io.loomvisor.net.wire.Igmp;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import java.util.List;

/** IGMP messages, both ways; what to say when is {@link GroupReports}'. */
final class IgmpLayer implements GroupReports.GroupMessages {
  /** RFC 3376 section 4: TTL 1, type of service of internetwork control. */
  private static final int TOS = 0xc0;

  private final IpLayer ip;
  private final GroupReports reports;

  IgmpLayer(IpLayer ip) {
    this.ip = ip;
    reports = new GroupReports(ip.clock(), this);
  }

  GroupReports reports() {
    return reports;
  }

  void receive(Nic nic, PacketBuffer p) {
    byte[] a = p.array();
    int at = p.start();
    if (!nic.isLoopback() && Igmp.check(a, at, p.length())) {
      GroupQuery q = Igmp.query(a, at, p.length());
      int type = Bytes.u8(a, at);
      if (q != null) {
        reports.queried(nic, q);
      } else if (type == Igmp.V1_REPORT || type == Igmp.V2_REPORT) {
        reports.reported(nic, IpAddress.read(a, at + 4, false));
      }
    }
    p.release();
  }

  @Override
  public void report(Nic nic, List<GroupRecord> records) {
    byte[] message = Igmp.report(GroupQuery.records(records), records.size());
    send(nic, Igmp.ALL_V3_ROUTERS, message);
  }

  @Override
  public void oldReport(Nic nic, int version, IpAddress group) {
    send(nic, group, Igmp.message(version == 1 ? Igmp.V1_REPORT : Igmp.V2_REPORT, group));
  }

  @Override
  public void oldLeave(Nic nic, IpAddress group) {
    send(nic, Igmp.ALL_ROUTERS, Igmp.message(Igmp.V2_LEAVE, group));
  }

  private void send(Nic nic, IpAddress to, byte[] message) {
    IpAddress own = ip.sourceOn(nic, to);
    // RFC 3376 section 4.2.13: without an address of its own a host is 0.0.0.0.
    IpAddress from = own == null ? IpAddress.ANY4 : own;
    PacketBuffer p = ip.pool().acquire(message.length);
    p.append(message, 0, message.length);
    p.flow.set(new FlowKey(from, 0, to, 0));
    p.protocol = IpProtocol.IGMP;
    p.ttl = 1;
    p.tos = TOS;
    ip.v4().sendWithRouterAlert(new Path(nic, to, from, nic.mtu(), false), p);
  }
}
