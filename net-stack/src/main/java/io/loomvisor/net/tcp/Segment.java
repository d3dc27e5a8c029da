package io.loomvisor.net.tcp;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Tcp;
import io.loomvisor.net.wire.TcpOptions;

/**
 * A received segment, taken apart; one instance per mailbox is overwritten by each segment. It does
 * not own the packet.
 */
final class Segment {
  final TcpOptions options = new TcpOptions();
  int flags;

  /** As they stand in the packet. */
  int wireSeq;

  int wireAck;

  /** Unwrapped; meaningful once {@link #place} was called. */
  long seq;

  long ack;

  /** Not yet scaled. */
  int window;

  int urgent;

  /** The ECN codepoint of the IP header. */
  int congestion;

  byte[] array;

  /** Payload. */
  int offset;

  int length;

  /** Largest payload that was one packet on the wire. */
  int packetLength;

  /** Reads a packet that {@code Tcp.check} was true for. */
  void read(PacketBuffer p) {
    array = p.array();
    int at = p.start();
    int header = Tcp.headerLength(array, at);
    flags = Tcp.flags(array, at);
    wireSeq = Tcp.seq(array, at);
    wireAck = Tcp.ack(array, at);
    window = Tcp.window(array, at);
    urgent = Tcp.urgentPointer(array, at);
    offset = at + header;
    length = p.length() - header;
    congestion = p.tos & 3;
    packetLength = p.segmentSize > 0 ? Math.min(length, p.segmentSize) : length;
    readOptions(at, header);
  }

  private void readOptions(int at, int header) {
    if (header == Tcp.MIN_HEADER) {
      options.clear();
    } else if (header == 32 && Bytes.i32(array, at + 20) == 0x0101080a) {
      // Timestamps alone, as RFC 7323 appendix A lays them out: by far the most frequent.
      options.clear();
      options.hasTimestamps = true;
      options.tsVal = Bytes.i32(array, at + 24);
      options.tsEcr = Bytes.i32(array, at + 28);
    } else {
      options.parse(array, at + Tcp.MIN_HEADER, at + header);
    }
  }

  /** Unwraps the sequence numbers. */
  void place(long nearSeq, long nearAck) {
    seq = Seq.unwrap(wireSeq, nearSeq);
    ack = Seq.unwrap(wireAck, nearAck);
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  boolean fin() {
    return has(Tcp.FIN);
  }

  /** Behind the last byte, SYN and FIN included. */
  long end() {
    return seq + length + (has(Tcp.SYN) ? 1 : 0) + (has(Tcp.FIN) ? 1 : 0);
  }

  /** Removes {@code n} bytes of sequence space in front; a SYN counts first. */
  void trimFront(long n) {
    long rest = n;
    if (rest > 0 && has(Tcp.SYN)) {
      flags &= ~Tcp.SYN;
      seq++;
      rest--;
    }
    int bytes = (int) Math.min(rest, length);
    seq += bytes;
    offset += bytes;
    length -= bytes;
  }

  /** Cuts the payload, and with it the FIN, to end at {@code end}. */
  void trimEnd(long end) {
    if (end() > end) {
      flags &= ~Tcp.FIN;
      length = (int) Math.max(0, Math.min(length, end - seq));
    }
  }
}
