package io.loomvisor.net.ip;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.Ipv6;
import io.loomvisor.net.wire.Tcp;

/**
 * Joins TCP segments that arrived together into one packet, so that what a packet costs is paid
 * once and one acknowledgement answers them all (Linux's generic receive offload, net/ipv4/
 * tcp_offload.c). The opposite of {@link Segmentation}, which can undo it: only segments that
 * differ in nothing but position, payload and PSH are joined, and all but the last have one size.
 * Any thread may call; there is no state but the batch.
 */
final class Coalescer {
  /** Packets looked back at for one of the same flow. */
  private static final int LOOK_BACK = 8;

  /** A packet of this size with Ethernet's header still has a length of 16 bits. */
  private static final int MAX_LENGTH = 65_535;

  /** In {@code networkOffset}, which the IP layer has not set yet: one that was looked at. */
  private static final int CANDIDATE = -1;

  /** Several; the IP header is not up to date. */
  private static final int JOINED = -2;

  private Coalescer() {}

  /**
   * Joins what can be joined of the first {@code n} packets, which start at their IP headers; null
   * stands for one that is not there any more. The order within a flow stays.
   *
   * @param headersTrusted IPv4's checksum needs no check: nothing can be damaged on this link
   * @return how many are left; they are in front
   */
  static int coalesce(PacketBuffer[] batch, int n, PacketPool pool, boolean headersTrusted) {
    int kept = 0;
    for (int i = 0; i < n; i++) {
      PacketBuffer p = batch[i];
      batch[i] = null;
      if (p != null && !(isCandidate(p, headersTrusted) && joined(batch, kept, p, pool))) {
        batch[kept++] = p;
      }
    }
    for (int i = 0; i < kept; i++) {
      finish(batch[i]);
    }
    return kept;
  }

  /** True if {@code p} has become part of one of the first {@code kept} packets. */
  private static boolean joined(PacketBuffer[] batch, int kept, PacketBuffer p, PacketPool pool) {
    p.networkOffset = CANDIDATE;
    for (int j = kept - 1; j >= Math.max(0, kept - LOOK_BACK); j--) {
      PacketBuffer q = batch[j];
      if (sameFlow(q, p)) {
        if (continues(q, p)) {
          batch[j] = join(q, p, pool);
          return true;
        }
        return false;
      }
    }
    return false;
  }

  /** One segment with data, whole and undamaged; its checksum then needs no second look. */
  private static boolean isCandidate(PacketBuffer p, boolean headersTrusted) {
    byte[] a = p.array();
    int at = p.start();
    if (p.segmentSize > 0 || p.length() < Ipv4.MIN_HEADER + Tcp.MIN_HEADER) {
      return false;
    }
    int header = headers(p, headersTrusted);
    if (header == 0) {
      return false;
    }
    int t = at + header;
    int length = p.length() - header;
    int flags = Tcp.check(a, t, length) ? Tcp.flags(a, t) : 0;
    if ((flags & ~Tcp.PSH) != Tcp.ACK || length == Tcp.headerLength(a, t)) {
      return false;
    }
    if (!p.checksumTrusted) {
      long sum = Checksum.add(pseudo(a, at, header, length), a, t, length);
      if (!Checksum.valid(sum)) {
        return false;
      }
      p.checksumTrusted = true;
    }
    return true;
  }

  /**
   * Length of the IP header if it is a plain one in front of TCP, otherwise 0; cuts what an
   * Ethernet frame was filled up with.
   */
  private static int headers(PacketBuffer p, boolean headersTrusted) {
    byte[] a = p.array();
    int at = p.start();
    if (a[at] == 0x45) {
      boolean plain =
          Ipv4.check(a, at, p.length())
              && Ipv4.protocol(a, at) == IpProtocol.TCP
              && Ipv4.flagsAndOffset(a, at) == Ipv4.DONT_FRAGMENT
              && (headersTrusted || Ipv4.checksumValid(a, at));
      if (plain && Ipv4.totalLength(a, at) >= Ipv4.MIN_HEADER + Tcp.MIN_HEADER) {
        p.truncate(Ipv4.totalLength(a, at));
        return Ipv4.MIN_HEADER;
      }
      return 0;
    }
    boolean plain =
        Ipv6.check(a, at, p.length())
            && Ipv6.nextHeader(a, at) == IpProtocol.TCP
            && Ipv6.payloadLength(a, at) >= Tcp.MIN_HEADER;
    if (plain) {
      p.truncate(Ipv6.HEADER + Ipv6.payloadLength(a, at));
      return Ipv6.HEADER;
    }
    return 0;
  }

  private static long pseudo(byte[] a, int ip, int header, int length) {
    boolean v6 = header == Ipv6.HEADER;
    long sum = Checksum.add(0, a, v6 ? ip + 8 : ip + 12, v6 ? 32 : 8);
    return Checksum.add16(Checksum.add32(sum, length), IpProtocol.TCP);
  }

  /** Same addresses and, taken for TCP, ports; {@code p} is a candidate. */
  private static boolean sameFlow(PacketBuffer q, PacketBuffer p) {
    byte[] a = q.array();
    byte[] b = p.array();
    int x = q.start();
    int y = p.start();
    boolean v6 = b[y] != 0x45;
    int header = v6 ? Ipv6.HEADER : Ipv4.MIN_HEADER;
    if (q.length() < header + 4 || (a[x] ^ b[y]) >>> 4 != 0) {
      return false;
    }
    if (v6) {
      return Bytes.i64(a, x + 8) == Bytes.i64(b, y + 8)
          && Bytes.i64(a, x + 16) == Bytes.i64(b, y + 16)
          && Bytes.i64(a, x + 24) == Bytes.i64(b, y + 24)
          && Bytes.i64(a, x + 32) == Bytes.i64(b, y + 32)
          && portsMayEqual(a, x, b, y, header);
    }
    return Bytes.i64(a, x + 12) == Bytes.i64(b, y + 12) && portsMayEqual(a, x, b, y, header);
  }

  /**
   * If {@code a} has options or extension headers its ports are elsewhere: then the answer is yes,
   * which only keeps what follows from being joined to something older.
   */
  private static boolean portsMayEqual(byte[] a, int x, byte[] b, int y, int header) {
    boolean plain = header == Ipv6.HEADER ? a[x + 6] == IpProtocol.TCP : a[x] == 0x45;
    return !plain || Bytes.i32(a, x + header) == Bytes.i32(b, y + header);
  }

  /** True if {@code p} can be appended to {@code q}, which is of the same flow. */
  private static boolean continues(PacketBuffer q, PacketBuffer p) {
    byte[] a = q.array();
    byte[] b = p.array();
    int x = q.start();
    int y = p.start();
    int header = b[y] == 0x45 ? Ipv4.MIN_HEADER : Ipv6.HEADER;
    boolean joined = q.networkOffset == JOINED;
    boolean alike = q.etherType == p.etherType && q.linkMulticast == p.linkMulticast;
    if (q.networkOffset == 0 || !alike || !sameIp(a, x, b, y, header)) {
      return false;
    }
    int t = x + header;
    int u = y + header;
    int tcp = Tcp.headerLength(b, u);
    int done = q.length() - header - tcp;
    int more = p.length() - header - tcp;
    int size = joined ? q.segmentSize : done;
    // Acknowledgement, length of the header, flags and window are the same; PSH ended the first.
    return Tcp.seq(a, t) + done == Tcp.seq(b, u)
        && Tcp.ack(a, t) == Tcp.ack(b, u)
        && (Bytes.i32(a, t + 12) ^ Bytes.i32(b, u + 12)) << 16 == 0
        && ((Bytes.u16(a, t + 12) ^ Bytes.u16(b, u + 12)) & ~Tcp.PSH) == 0
        && (Tcp.flags(a, t) & Tcp.PSH) == 0
        && done % size == 0
        && more <= size
        && q.length() + more <= MAX_LENGTH
        && sameOptions(a, t, b, u, tcp);
  }

  /** Same traffic class and hop limit; the flow label too. */
  private static boolean sameIp(byte[] a, int x, byte[] b, int y, int header) {
    return header == Ipv6.HEADER
        ? Bytes.i32(a, x) == Bytes.i32(b, y) && a[x + 7] == b[y + 7]
        : a[x + 1] == b[y + 1] && a[x + 8] == b[y + 8];
  }

  private static boolean sameOptions(byte[] a, int t, byte[] b, int u, int header) {
    for (int i = Tcp.MIN_HEADER; i < header; i += 4) {
      if (Bytes.i32(a, t + i) != Bytes.i32(b, u + i)) {
        return false;
      }
    }
    return true;
  }

  /** Appends {@code p}'s payload to {@code q} or, the first time, to a larger buffer. */
  private static PacketBuffer join(PacketBuffer q, PacketBuffer p, PacketPool pool) {
    byte[] b = p.array();
    int header = b[p.start()] == 0x45 ? Ipv4.MIN_HEADER : Ipv6.HEADER;
    int tcp = Tcp.headerLength(b, p.start() + header);
    int headers = header + tcp;
    PacketBuffer whole = q;
    if (q.networkOffset != JOINED) {
      whole = pool.acquire(MAX_LENGTH);
      whole.append(q.array(), q.start(), q.length());
      whole.segmentSize = q.length() - headers;
      whole.networkOffset = JOINED;
      whole.nicId = q.nicId;
      whole.etherType = q.etherType;
      whole.linkMulticast = q.linkMulticast;
      whole.checksumTrusted = true;
      q.release();
    }
    whole.append(b, p.start() + headers, p.length() - headers);
    int flags = whole.start() + header + 13;
    whole.array()[flags] |= (byte) (Tcp.flags(b, p.start() + header) & Tcp.PSH);
    p.release();
    return whole;
  }

  /**
   * Makes the IP header fit what was joined. The TCP checksum, which is not looked at any more
   * here, is left to whoever sends the packet on.
   */
  private static void finish(PacketBuffer p) {
    byte[] a = p.array();
    int at = p.start();
    boolean joined = p.networkOffset == JOINED;
    p.networkOffset = 0;
    if (!joined) {
      return;
    }
    int header = Ipv6.HEADER;
    if (a[at] == 0x45) {
      header = Ipv4.MIN_HEADER;
      Bytes.put16(a, at + 2, p.length());
      Ipv4.writeChecksum(a, at);
    } else {
      Bytes.put16(a, at + 4, p.length() - Ipv6.HEADER);
    }
    Tcp.writePartialChecksum(a, at + header, pseudo(a, at, header, p.length() - header));
    p.partialChecksum(at + header, Tcp.CHECKSUM);
  }
}
