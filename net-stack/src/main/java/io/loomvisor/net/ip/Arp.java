package io.loomvisor.net.ip;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.wire.ArpPacket;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.MacAddress;

/**
 * Asks and answers ARP (RFC 826, RFC 5227 for probes). Has no state; what is learned goes to the
 * neighbour cache.
 */
final class Arp {
  private final IpLayer ip;

  Arp(IpLayer ip) {
    this.ip = ip;
  }

  void receive(Nic nic, PacketBuffer p) {
    ArpPacket arp = ArpPacket.parse(p.array(), p.start(), p.length());
    p.release();
    if (arp == null || arp.senderMac().isGroup()) {
      return;
    }
    IpAddress sender = IpAddress.v4(arp.senderIp());
    IpAddress target = IpAddress.v4(arp.targetIp());
    boolean forUs = owns(nic, target);
    if (sender.isMulticast() || sender.isLimitedBroadcast() || owns(nic, sender)) {
      return;
    }
    if (arp.operation() == ArpPacket.REPLY) {
      nic.neighbors(false).learned(sender, arp.senderMac(), forUs, true);
      return;
    }
    if (forUs) {
      if (!sender.isUnspecified()) {
        nic.neighbors(false).asked(sender, arp.senderMac());
      }
      send(
          nic,
          new ArpPacket(
              ArpPacket.REPLY, nic.mac(), arp.targetIp(), arp.senderMac(), arp.senderIp()),
          arp.senderMac());
    } else if (sender.equals(target)) {
      // A gratuitous announcement only refreshes what is known already (RFC 5944 section 4.6).
      nic.neighbors(false).learned(sender, arp.senderMac(), false, true);
    }
  }

  /** Asks for {@code target}: everybody, or only the station {@code at}. */
  void solicit(Nic nic, IpAddress target, MacAddress at) {
    IpAddress source = ip.sourceOn(nic, target);
    int from = source == null ? 0 : source.intValue();
    ArpPacket q =
        new ArpPacket(ArpPacket.REQUEST, nic.mac(), from, MacAddress.ZERO, target.intValue());
    send(nic, q, at == null ? MacAddress.BROADCAST : at);
  }

  private void send(Nic nic, ArpPacket arp, MacAddress to) {
    PacketBuffer p = ip.pool().acquire(ArpPacket.LENGTH);
    arp.write(p.array(), p.append(ArpPacket.LENGTH));
    p.etherType = Ethernet.TYPE_ARP;
    p.linkDestination = to;
    nic.transmit(p);
  }

  private static boolean owns(Nic nic, IpAddress a) {
    for (InterfaceAddress x : nic.addresses()) {
      if (x.address().equals(a)) {
        return true;
      }
    }
    return false;
  }
}
