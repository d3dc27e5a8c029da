package io.loomvisor.kernel.socket.packet;

import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.packet.CapturedFrame;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;

/**
 * A ring of TPACKET_V3: blocks that are filled with packets of their own length and given to the
 * reader when they are full, or have been held for a time. struct tpacket_block_desc:
 *
 * <pre>
 *   0         4               8        12       16              20       24    32         40
 *   | version | offset to priv | status | packets | first packet | length | seq | first ts | last ts |
 * </pre>
 *
 * and in front of each packet a struct tpacket3_hdr:
 *
 * <pre>
 *   0             4     8      12        16    20       24    26    28              40       48
 *   | next offset | sec | nsec | snaplen | len | status | mac | net | hash, vlan … | padding | sockaddr_ll
 * </pre>
 */
final class BlockRing extends PacketRing {
  private static final int DESCRIPTOR_SIZE = 48;
  private static final int ALIGNMENT = 8;
  private static final int STATUS = 8;
  private static final int PACKETS = 12;
  private static final int FIRST_PACKET = 16;
  private static final int LENGTH = 20;
  private static final int SEQUENCE = 24;
  private static final int FIRST_TIME = 32;
  private static final int LAST_TIME = 40;
  private static final long MILLI = 1_000_000L;

  /** DEFAULT_PRB_RETIRE_TOV. */
  private static final int DEFAULT_HOLD_MILLIS = 8;

  private final long holdTime;
  private final int start;

  /** The block that is filled; written in the mailbox, read for poll. */
  private volatile int active;

  private long sequence;

  /** Where the next packet goes; 0: the ring is frozen, as the reader has the active block. */
  private int next;

  private int last;
  private int packets;
  private int freezes;

  BlockRing(RingMemory memory, IpLayer ip, RingRequest request, int reserve) {
    super(memory, ip, PacketAbi.TPACKET_V3, reserve);
    int millis = request.holdMillis() == 0 ? DEFAULT_HOLD_MILLIS : request.holdMillis();
    holdTime = Integer.toUnsignedLong(millis) * MILLI;
    start = firstPacket(request.privateSize());
    open();
  }

  /** Where packets begin in a block (BLK_PLUS_PRIV). */
  static int firstPacket(int privateSize) {
    long at = DESCRIPTOR_SIZE + (Integer.toUnsignedLong(privateSize) + ALIGNMENT - 1 & -ALIGNMENT);
    return (int) Math.min(at, Integer.MAX_VALUE);
  }

  /** prb_open_block. */
  private void open() {
    MemorySegment b = memory.block(active);
    Instant now = Instant.now();
    b.set(INT, 0, PacketAbi.TPACKET_V3);
    b.set(INT, 4, DESCRIPTOR_SIZE);
    b.set(INT, PACKETS, 0);
    b.set(INT, FIRST_PACKET, start);
    b.set(INT, LENGTH, start);
    b.set(ValueLayout.JAVA_LONG, SEQUENCE, ++sequence);
    b.set(INT, FIRST_TIME, (int) now.getEpochSecond());
    b.set(INT, FIRST_TIME + 4, now.getNano());
    publish(b, STATUS, PacketAbi.TP_STATUS_KERNEL);
    next = start;
    last = 0;
    packets = 0;
  }

  @Override
  public Put put(CapturedFrame f, boolean lossy) {
    if (next == 0) {
      if (status(memory.block(active), STATUS) != PacketAbi.TP_STATUS_KERNEL) {
        return Put.LOST;
      }
      open();
    }
    int at = frameOffset(f);
    int length = Math.min(f.data().length, Math.max(memory.blockSize() - start - at, 0));
    int whole = at + length + ALIGNMENT - 1 & -ALIGNMENT;
    boolean closes = next + whole >= memory.blockSize();
    if (closes) {
      close(0, lossy);
      if (next == 0) {
        return Put.LOST;
      }
    }
    if (next + whole > memory.blockSize()) {
      return Put.LOST; // not even an empty block holds it
    }
    write(f, at, length, whole);
    return closes ? Put.READABLE : Put.HELD;
  }

  private void write(CapturedFrame f, int start, int length, int whole) {
    MemorySegment b = memory.block(active);
    int at = next;
    b.set(INT, at, whole);
    b.set(INT, at + 4, seconds(f.time()));
    b.set(INT, at + 8, nanos(f.time()));
    b.set(INT, at + 12, length);
    b.set(INT, at + 16, f.length());
    b.set(INT, at + 20, packetStatus(f));
    putShort(b, at + 24, start);
    putShort(b, at + 26, networkOffset());
    b.asSlice(at + 28, 20).fill((byte) 0);
    copy(f, b, at, length);
    last = at;
    next = at + whole;
    packets++;
    b.set(INT, LAST_TIME, seconds(f.time()));
    b.set(INT, LAST_TIME + 4, nanos(f.time()));
  }

  /** prb_retire_current_block, and on to the next one, which may be the reader's still. */
  private void close(int why, boolean lossy) {
    MemorySegment b = memory.block(active);
    if (last != 0) {
      b.set(INT, last, 0);
    }
    b.set(INT, PACKETS, packets);
    b.set(INT, LENGTH, next);
    int flags = PacketAbi.TP_STATUS_USER | why | (lossy ? PacketAbi.TP_STATUS_LOSING : 0);
    publish(b, STATUS, flags);
    active = active + 1 == memory.blocks() ? 0 : active + 1;
    packets = 0;
    if (status(memory.block(active), STATUS) == PacketAbi.TP_STATUS_KERNEL) {
      open();
    } else {
      next = 0;
      freezes++;
    }
  }

  @Override
  public boolean expire(boolean lossy) {
    if (!held()) {
      return false;
    }
    close(PacketAbi.TP_STATUS_BLK_TMO, lossy);
    return true;
  }

  @Override
  public boolean held() {
    return packets > 0;
  }

  @Override
  public long holdTime() {
    return holdTime;
  }

  @Override
  public boolean readable() {
    int before = (active + memory.blocks() - 1) % memory.blocks();
    return status(memory.block(before), STATUS) != PacketAbi.TP_STATUS_KERNEL;
  }

  @Override
  public int freezes() {
    return freezes;
  }
}
