package io.loomvisor.net.tcp;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Tcp;
import io.loomvisor.net.wire.TcpOptions;

/** Makes packets of segments and gives them to IP. No state; any thread. */
final class TcpOutput {
  private final IpLayer ip;

  TcpOutput(IpLayer ip) {
    this.ip = ip;
  }

  /**
   * Sends one segment.
   *
   * @param data where the payload is, or null if {@code length} is 0
   * @param segmentSize if positive, the payload is to be cut into segments of this size by the link
   * @return false if the packet is too large for the path
   */
  boolean send(
      Path path,
      FlowKey flow,
      int ttl,
      int tos,
      int seq,
      int ack,
      int flags,
      int window,
      int urgent,
      TcpOptions options,
      ByteRing data,
      long at,
      int length,
      int segmentSize) {
    int header = Tcp.MIN_HEADER + options.length();
    PacketBuffer p = ip.pool().acquire(header + length);
    int o = p.append(header);
    Tcp.write(
        p.array(), o, header, flow.localPort, flow.remotePort, seq, ack, flags, window, urgent);
    options.write(p.array(), o + Tcp.MIN_HEADER);
    if (length > 0) {
      data.get(at, p.array(), p.append(length), length);
    }
    p.flow.set(flow);
    p.protocol = IpProtocol.TCP;
    p.ttl = ttl;
    p.tos = tos;
    p.segmentSize = segmentSize;
    checksum(path.nic(), p, o, header + length);
    ip.mib().add(Counter.Tcp_OutSegs, segmentSize > 0 ? (length - 1) / segmentSize + 1 : 1);
    if ((flags & Tcp.RST) != 0) {
      ip.mib().count(Counter.Tcp_OutRsts);
    }
    return ip.send(path, p, true);
  }

  private static void checksum(Nic nic, PacketBuffer p, int at, int length) {
    if (nic.isLoopback()) {
      return; // its packets never leave this machine
    }
    if (nic.link().checksumOffload()) {
      Tcp.writePartialChecksum(p.array(), at, pseudo(p.flow, length));
      p.partialChecksum(at, Tcp.CHECKSUM);
    } else {
      Tcp.writeChecksum(p.array(), at, length, pseudo(p.flow, length));
    }
  }

  static long pseudo(FlowKey f, int length) {
    return Checksum.pseudo(
        f.v6, f.localHi, f.localLo, f.remoteHi, f.remoteLo, IpProtocol.TCP, length);
  }
}
