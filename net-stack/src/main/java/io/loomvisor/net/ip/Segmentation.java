package io.loomvisor.net.ip;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.Ipv6;
import io.loomvisor.net.wire.Tcp;
import java.util.function.Consumer;

/** Splits a packet that carries several TCP segments for a link that does not take such packets. */
final class Segmentation {
  private Segmentation() {}

  /** Releases {@code p} and gives its segments, with checksums, to {@code out}. */
  static void split(PacketBuffer p, PacketPool pool, int ipHeader, Consumer<PacketBuffer> out) {
    byte[] a = p.array();
    int at = p.start();
    int tcpAt = at + ipHeader;
    int tcpHeader = Tcp.headerLength(a, tcpAt);
    int headers = ipHeader + tcpHeader;
    int payload = p.length() - headers;
    boolean v6 = p.flow.v6;
    for (int done = 0; done < payload; done += p.segmentSize) {
      int n = Math.min(p.segmentSize, payload - done);
      boolean last = done + n == payload;
      PacketBuffer s = pool.acquire(headers + n);
      s.append(a, at, headers);
      s.append(a, at + headers + done, n);
      s.flow.set(p.flow);
      s.networkOffset = s.start();
      byte[] b = s.array();
      int o = s.start();
      if (v6) {
        Bytes.put16(b, o + 4, tcpHeader + n);
      } else {
        Bytes.put16(b, o + 2, headers + n);
        Ipv4.writeChecksum(b, o);
      }
      int t = o + ipHeader;
      Bytes.put32(b, t + 4, Tcp.seq(a, tcpAt) + done);
      if (done > 0) {
        // RFC 3168 section 6.1.2: said once.
        Bytes.put8(b, t + 13, Tcp.flags(b, t) & ~Tcp.CWR);
      }
      if (!last) {
        Bytes.put8(b, t + 13, Tcp.flags(b, t) & ~(Tcp.FIN | Tcp.PSH));
      }
      int addresses = v6 ? o + 8 : o + 12;
      long pseudo =
          Checksum.add16(
              Checksum.add32(Checksum.add(0, b, addresses, v6 ? 32 : 8), tcpHeader + n),
              IpProtocol.TCP);
      Tcp.writeChecksum(b, t, tcpHeader + n, pseudo);
      out.accept(s);
    }
    p.release();
  }

  /** Length of the largest packet that {@link #split} would make of {@code p}, or its own. */
  static int largest(PacketBuffer p, int ipHeader) {
    int headers = ipHeader + Tcp.headerLength(p.array(), p.start() + ipHeader);
    return p.segmentSize == 0 ? p.length() : Math.min(p.length(), headers + p.segmentSize);
  }

  /** Length of the IP header in front of the TCP header. */
  static int ipHeader(PacketBuffer p) {
    return p.flow.v6 ? Ipv6.HEADER : Ipv4.headerLength(p.array(), p.start());
  }
}
