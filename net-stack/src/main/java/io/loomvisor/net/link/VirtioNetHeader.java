package io.loomvisor.net.link;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * struct virtio_net_hdr (linux/virtio_net.h), which stands in front of each frame of a TAP device
 * with IFF_VNET_HDR and of a packet socket with PACKET_VNET_HDR; in the host's byte order. It says
 * what is left to do for a frame: its transport checksum, its cutting into segments.
 *
 * <pre>
 *  0       1          2         4          6            8             10
 *  | flags | gso type | hdr len | gso size | csum start | csum offset | frame …
 * </pre>
 */
final class VirtioNetHeader {
  static final int SIZE = 10;

  private static final int NEEDS_CSUM = 1;
  private static final int DATA_VALID = 2;
  private static final int GSO_NONE = 0;
  private static final int GSO_TCPV4 = 1;
  private static final int GSO_TCPV6 = 4;
  private static final int GSO_UDP_L4 = 5;
  private static final int GSO_ECN = 0x80;

  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  private VirtioNetHeader() {}

  /** What is done with a frame that has arrived. */
  enum Arrival {
    /** It is one packet, or TCP segments in one. */
    WHOLE,
    /** Several datagrams in one, of {@link PacketBuffer#segmentSize} each: to be split. */
    DATAGRAMS,
    /** Of a kind that nothing here understands. */
    UNKNOWN
  }

  /**
   * Notes at {@code p}, which starts at its frame, what the header at the start of {@code m} says.
   */
  static Arrival read(MemorySegment m, PacketBuffer p) {
    int flags = m.get(ValueLayout.JAVA_BYTE, 0);
    int type = m.get(ValueLayout.JAVA_BYTE, 1) & 0xff & ~GSO_ECN;
    if ((flags & NEEDS_CSUM) != 0) {
      int at = p.start() + u16(m, 6);
      int field = u16(m, 8);
      if (at + field + 2 > p.end()) {
        return Arrival.UNKNOWN;
      }
      p.partialChecksum(at, field);
      p.checksumTrusted = true;
    } else if ((flags & DATA_VALID) != 0) {
      p.checksumTrusted = true;
    }
    if (type == GSO_NONE) {
      return Arrival.WHOLE;
    }
    p.segmentSize = u16(m, 4);
    if (p.segmentSize == 0) {
      return Arrival.UNKNOWN;
    }
    return switch (type) {
      case GSO_TCPV4, GSO_TCPV6 -> Arrival.WHOLE;
      case GSO_UDP_L4 -> Arrival.DATAGRAMS;
      default -> Arrival.UNKNOWN;
    };
  }

  /** Writes the header for {@code p}, an Ethernet frame, to the start of {@code m}. */
  static void write(MemorySegment m, PacketBuffer p) {
    m.asSlice(0, SIZE).fill((byte) 0);
    if (p.checksumStart == 0) {
      return;
    }
    m.set(ValueLayout.JAVA_BYTE, 0, (byte) NEEDS_CSUM);
    put16(m, 6, p.checksumStart - p.start());
    put16(m, 8, p.checksumField - p.checksumStart);
    if (p.segmentSize == 0) {
      return;
    }
    int headers = p.checksumStart - p.start() + Tcp.headerLength(p.array(), p.checksumStart);
    if (p.length() - headers > p.segmentSize) {
      m.set(ValueLayout.JAVA_BYTE, 1, (byte) (p.flow.v6 ? GSO_TCPV6 : GSO_TCPV4));
      put16(m, 2, headers);
      put16(m, 4, p.segmentSize);
    }
  }

  private static int u16(MemorySegment m, long at) {
    return m.get(SHORT, at) & 0xffff;
  }

  private static void put16(MemorySegment m, long at, int value) {
    m.set(SHORT, at, (short) value);
  }
}
