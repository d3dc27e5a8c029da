package io.loomvisor.net.link;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.Ipv6;
import io.loomvisor.net.wire.Udp;

/**
 * Several datagrams of one flow in one frame, as a sender with UDP_SEGMENT (udp(7)) on this machine
 * makes them.
 */
final class DatagramUnits {
  private DatagramUnits() {}

  /**
   * Gives the datagrams, with whole checksums, to {@code out} and releases {@code p}: a frame whose
   * UDP header is at its {@code checksumStart} and that has {@code segmentSize} bytes for each.
   */
  static void split(PacketBuffer p, PacketPool pool, Link.Receiver out) {
    byte[] a = p.array();
    int udp = p.checksumStart;
    int ip = p.start() + Ethernet.HEADER_LENGTH;
    int headers = udp + Udp.HEADER - p.start();
    boolean v6 = Ethernet.type(a, p.start()) == Ethernet.TYPE_IPV6;
    if (udp < ip + Ipv4.MIN_HEADER || headers >= p.length()) {
      p.release();
      return;
    }
    int payload = p.length() - headers;
    int unit = payload > p.segmentSize ? PacketBuffer.nextUnit() : 0;
    for (int done = 0; done < payload; done += p.segmentSize) {
      int n = Math.min(p.segmentSize, payload - done);
      PacketBuffer d = pool.acquire(headers + n);
      d.append(a, p.start(), headers);
      d.append(a, p.start() + headers + done, n);
      d.checksumTrusted = true;
      d.unit = unit;
      finish(d, d.start() + Ethernet.HEADER_LENGTH, d.start() + udp - p.start(), v6);
      out.receive(d);
    }
    p.release();
  }

  /** The lengths and checksums of one datagram. */
  private static void finish(PacketBuffer d, int ip, int udp, boolean v6) {
    byte[] a = d.array();
    int length = d.end() - udp;
    if (v6) {
      Bytes.put16(a, ip + 4, d.end() - ip - Ipv6.HEADER);
    } else {
      Bytes.put16(a, ip + 2, d.end() - ip);
      Ipv4.writeChecksum(a, ip);
    }
    long addresses = Checksum.add(0, a, v6 ? ip + 8 : ip + 12, v6 ? 32 : 8);
    long pseudo = Checksum.add16(Checksum.add32(addresses, length), IpProtocol.UDP);
    Udp.write(a, udp, length, Udp.sourcePort(a, udp), Udp.destinationPort(a, udp), pseudo);
  }
}
