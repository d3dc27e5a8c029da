package io.loomvisor.net.buffer;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.actor.Message;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.MacAddress;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One packet: the bytes {@code [start, end)} of a pooled array, with room in front for headers, and
 * what the layers have found out about it so far. Not thread-safe: it has one owner at a time.
 */
public final class PacketBuffer extends Message {
  /** Room for Ethernet (14), IPv6 (40) and TCP with all options (60), rounded up. */
  public static final int HEADROOM = 128;

  private final PacketPool pool;
  private final byte[] array;
  private int start;
  private int end;
  private boolean released;

  /** Addresses and ports; valid from the IP layer upward. */
  public final FlowKey flow = new FlowKey();

  /** Offset of the IP header in the array; valid from the IP layer upward. */
  public int networkOffset;

  /** Transport protocol number. */
  public int protocol;

  /** TTL or hop limit, and TOS or traffic class, as received or to be sent. */
  public int ttl;

  public int tos;

  /** The interface it came in by, or goes out of. */
  public int nicId;

  /** Payload bytes per segment if this is several TCP segments in one, otherwise 0. */
  public int segmentSize;

  /**
   * True if the transport checksum needs no check (it never left this machine) or was checked by
   * the device.
   */
  public boolean checksumTrusted;

  /**
   * Offset in the array of the transport header whose checksum field, at {@link #checksumField},
   * holds the sum of the pseudo-header alone; 0 if the checksum is whole. Whoever sends the packet
   * to where checksums count finishes it: the device, or {@code ip.Offload}.
   */
  public int checksumStart;

  public int checksumField;

  /** The next IP hop; valid between the IP layer and the link on the way out. */
  public IpAddress nextHop;

  /** EtherType of the payload. */
  public int etherType;

  /** On the way out, the frame's destination if it needs no resolution, otherwise null. */
  public MacAddress linkDestination;

  /** On the way in, true if the frame was sent to all or to a group. */
  public boolean linkMulticast;

  /** On the way out, the packet endpoint that made the frame, which does not see it; 0: none. */
  public int tapOrigin;

  /** When it came to its endpoint, in wall-clock nanoseconds; 0: not noted. */
  public long arrival;

  /** Bytes in front of the start that are a link header sent along on a link without one. */
  public int linkHeader;

  /** What connection tracking knows about it; null where nothing tracks. */
  public Tracked tracked;

  /** A number that filter rules give and ask for; it does not leave the host. */
  public int mark;

  /** The same number for datagrams that one send was cut into (UDP_SEGMENT); 0: it was not. */
  public int unit;

  /** Bytes of the largest fragment if this packet came in fragments and is to leave so, or 0. */
  public int fragmentSize;

  private static final AtomicInteger UNITS = new AtomicInteger();

  /** A {@link #unit} that no other packets have. */
  public static int nextUnit() {
    return UNITS.updateAndGet(n -> n == -1 ? 1 : n + 1);
  }

  PacketBuffer(PacketPool pool, int size) {
    this.pool = pool;
    this.array = new byte[size];
  }

  /** Makes a released buffer usable: empty, positioned at {@code headroom}. */
  void reset(int headroom) {
    start = headroom;
    end = headroom;
    released = false;
    networkOffset = 0;
    protocol = 0;
    ttl = 0;
    tos = 0;
    nicId = 0;
    segmentSize = 0;
    checksumTrusted = false;
    checksumStart = 0;
    checksumField = 0;
    nextHop = null;
    etherType = 0;
    linkDestination = null;
    linkMulticast = false;
    tapOrigin = 0;
    linkHeader = 0;
    arrival = 0;
    tracked = null;
    mark = 0;
    unit = 0;
    fragmentSize = 0;
  }

  public byte[] array() {
    return array;
  }

  public int start() {
    return start;
  }

  public int end() {
    return end;
  }

  public int length() {
    return end - start;
  }

  public int headroom() {
    return start;
  }

  public int tailroom() {
    return array.length - end;
  }

  /** Adds {@code n} bytes in front and returns their offset. */
  public int prepend(int n) {
    if (n < 0 || n > start) {
      throw new IllegalArgumentException("prepend " + n + " with headroom " + start);
    }
    start -= n;
    return start;
  }

  /** Adds {@code n} bytes at the end and returns their offset. */
  public int append(int n) {
    if (n < 0 || n > array.length - end) {
      throw new IllegalArgumentException("append " + n + " with tailroom " + (array.length - end));
    }
    int at = end;
    end += n;
    return at;
  }

  public void append(byte[] src, int offset, int n) {
    System.arraycopy(src, offset, array, append(n), n);
  }

  /** Removes {@code n} bytes in front. */
  public void trimFront(int n) {
    if (n < 0 || n > end - start) {
      throw new IllegalArgumentException("trim " + n + " of " + (end - start));
    }
    start += n;
  }

  /** Cuts the packet to {@code n} bytes. */
  public void truncate(int n) {
    if (n < 0 || n > end - start) {
      throw new IllegalArgumentException("truncate to " + n + " of " + (end - start));
    }
    end = start + n;
  }

  /** A second packet with the same bytes and facts. */
  public PacketBuffer copy() {
    return copyTo(pool.acquire(Math.max(start, HEADROOM), length()));
  }

  /**
   * The same packet in an array that is no larger than need be, for one that will lie about; this
   * one is released. Headers in front are kept.
   */
  public PacketBuffer fitted() {
    PacketBuffer c = copyTo(pool.acquireFitting(headersInFront(), length()));
    release();
    return c;
  }

  private int headersInFront() {
    return networkOffset > 0 && networkOffset < start ? start - networkOffset : 0;
  }

  private PacketBuffer copyTo(PacketBuffer c) {
    int headers = headersInFront();
    System.arraycopy(array, start - headers, c.array, c.start - headers, headers);
    c.append(array, start, length());
    c.flow.set(flow);
    c.networkOffset = networkOffset == 0 ? 0 : networkOffset - start + c.start;
    c.protocol = protocol;
    c.arrival = arrival;
    c.ttl = ttl;
    c.tos = tos;
    c.nicId = nicId;
    c.segmentSize = segmentSize;
    c.checksumTrusted = checksumTrusted;
    if (checksumStart != 0) {
      c.partialChecksum(checksumStart - start + c.start, checksumField - checksumStart);
    }
    c.nextHop = nextHop;
    c.etherType = etherType;
    c.linkDestination = linkDestination;
    c.linkMulticast = linkMulticast;
    c.tracked = tracked;
    c.mark = mark;
    c.unit = unit;
    c.fragmentSize = fragmentSize;
    return c;
  }

  /** Moves the bytes so that there are {@code headroom} bytes free in front. */
  public void ensureHeadroom(int headroom) {
    if (start >= headroom) {
      return;
    }
    int n = end - start;
    if (headroom + n > array.length) {
      throw new IllegalArgumentException(
          "no room for a headroom of " + headroom + " in " + array.length);
    }
    System.arraycopy(array, start, array, headroom, n);
    if (networkOffset != 0) {
      networkOffset += headroom - start;
    }
    if (checksumStart != 0) {
      partialChecksum(checksumStart + headroom - start, checksumField - checksumStart);
    }
    start = headroom;
    end = headroom + n;
  }

  /**
   * Notes that the checksum field, {@code field} bytes into what is summed from {@code at} on,
   * holds the sum of the pseudo-header alone.
   */
  public void partialChecksum(int at, int field) {
    checksumStart = at;
    checksumField = at + field;
  }

  public PacketPool pool() {
    return pool;
  }

  /** Gives the buffer back; its owner must not touch it again. */
  public void release() {
    if (released) {
      throw new IllegalStateException("packet released twice");
    }
    released = true;
    pool.recycle(this);
  }

  @Override
  protected void deliver(Mailbox owner) {
    ((PacketHandler) owner).onPacket(this);
  }

  @Override
  protected void discard() {
    if (!released) {
      release();
    }
  }
}
