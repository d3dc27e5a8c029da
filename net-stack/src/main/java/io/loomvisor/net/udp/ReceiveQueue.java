package io.loomvisor.net.udp;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.socket.Truesize;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.Ipv6;
import io.loomvisor.net.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;

/** Datagrams that wait to be read, bounded by memory. Owned by the endpoint's mailbox. */
final class ReceiveQueue {
  private final ArrayDeque<PacketBuffer> packets = new ArrayDeque<>();

  /** As Linux counts it, and what is really held. */
  private int bytes;

  private int held;

  private static int charge(PacketBuffer p) {
    int header = p.flow.v6 ? Ipv6.HEADER : Ipv4.MIN_HEADER;
    return Truesize.of(p.length() + header, header + Udp.HEADER, p.flow.v6);
  }

  int bytes() {
    return bytes;
  }

  int held() {
    return held;
  }

  boolean isEmpty() {
    return packets.isEmpty();
  }

  /**
   * What is counted is memory, not payload; one datagram always fits. False: it does not. True: it
   * belongs to the queue now.
   */
  boolean add(PacketBuffer p, int limit) {
    int size = charge(p);
    if (!packets.isEmpty() && bytes + size > limit) {
      return false;
    }
    bytes += size;
    // A short packet may lie in a large array; few do, or all that lie about would cost too much.
    PacketBuffer kept = held + p.array().length > limit ? p.fitted() : p;
    held += kept.array().length;
    packets.add(kept);
    return true;
  }

  /** Length of the next datagram, or 0; of all that {@code join} would make one. */
  int available(boolean join) {
    PacketBuffer first = packets.peek();
    if (first == null || !join || first.unit == 0) {
      return first == null ? 0 : payload(first);
    }
    int all = 0;
    for (PacketBuffer p : packets) {
      if (!belongs(p, first, all)) {
        break;
      }
      all += payload(p);
    }
    return all;
  }

  private static int payload(PacketBuffer p) {
    return p.length() - Udp.HEADER;
  }

  /** Whether it is a further part of what {@code first} is one of, after so many bytes. */
  private static boolean belongs(PacketBuffer p, PacketBuffer first, int before) {
    return p == first
        || p.unit == first.unit
            && before % payload(first) == 0
            && payload(p) <= payload(first)
            && before + payload(p) <= Udp.MAX_PAYLOAD
            && p.flow.equals(first.flow);
  }

  /**
   * As {@link #read}, with all that came of one send that was cut into datagrams: they follow one
   * another, all but the last one of the same length.
   */
  int readUnit(MemorySegment to, long offset, int length, boolean peek, DatagramInfo info) {
    PacketBuffer first = packets.peek();
    if (first.unit == 0 || payload(first) == 0) {
      return read(to, offset, length, peek, info);
    }
    int all = 0;
    int copied = 0;
    int parts = 0;
    for (PacketBuffer p : packets) {
      if (!belongs(p, first, all)) {
        break;
      }
      int n = Math.min(payload(p), length - copied);
      int at = p.start() + Udp.HEADER;
      MemorySegment.copy(p.array(), at, to, ValueLayout.JAVA_BYTE, offset + copied, n);
      copied += n;
      all += payload(p);
      parts++;
    }
    describe(first, info);
    info.length = all;
    info.segment = parts > 1 ? payload(first) : 0;
    for (int i = 0; !peek && i < parts; i++) {
      take().release();
    }
    return copied;
  }

  /** Gives the next packet away, or null. */
  PacketBuffer take() {
    PacketBuffer p = packets.poll();
    if (p != null) {
      bytes -= charge(p);
      held -= p.array().length;
    }
    return p;
  }

  /** Copies the next datagram, or what fits of it; there must be one. */
  int read(MemorySegment to, long offset, int length, boolean peek, DatagramInfo info) {
    PacketBuffer p = peek ? packets.peek() : take();
    int all = p.length() - Udp.HEADER;
    int n = Math.min(all, length);
    MemorySegment.copy(p.array(), p.start() + Udp.HEADER, to, ValueLayout.JAVA_BYTE, offset, n);
    describe(p, info);
    info.length = all;
    if (!peek) {
      p.release();
    }
    return n;
  }

  private static void describe(PacketBuffer p, DatagramInfo info) {
    info.source = p.flow.remote();
    info.sourcePort = p.flow.remotePort;
    info.destination = p.flow.local();
    info.nicId = p.nicId;
    info.ttl = p.ttl;
    info.tos = p.tos;
    info.time = p.arrival;
    info.segment = 0;
  }

  void clear() {
    packets.forEach(PacketBuffer::release);
    packets.clear();
    bytes = 0;
    held = 0;
  }
}
