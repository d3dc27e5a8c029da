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

  /** Length of the next datagram, or 0. */
  int available() {
    PacketBuffer p = packets.peek();
    return p == null ? 0 : p.length() - Udp.HEADER;
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
    info.source = p.flow.remote();
    info.sourcePort = p.flow.remotePort;
    info.destination = p.flow.local();
    info.nicId = p.nicId;
    info.ttl = p.ttl;
    info.tos = p.tos;
    info.time = p.arrival;
    info.length = all;
    if (!peek) {
      p.release();
    }
    return n;
  }

  void clear() {
    packets.forEach(PacketBuffer::release);
    packets.clear();
    bytes = 0;
    held = 0;
  }
}
