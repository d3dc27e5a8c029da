package io.loomvisor.kernel.socket.packet;

import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.packet.CapturedFrame;
import java.lang.foreign.MemorySegment;

/**
 * A ring of TPACKET_V2: slots of one size, each for a packet. struct tpacket2_hdr:
 *
 * <pre>
 *   0        4     8         12    14    16    20     24         26         28       32
 *   | status | len | snaplen | mac | net | sec | nsec | vlan_tci | vlan_tpid | padding | sockaddr_ll
 * </pre>
 */
final class SlotRing extends PacketRing {
  private final int slotSize;
  private final int slotsPerBlock;
  private final int slots;

  /** The next to be written; written in the mailbox, read for poll. */
  private volatile int head;

  SlotRing(RingMemory memory, IpLayer ip, int slotSize, int reserve) {
    super(memory, ip, PacketAbi.TPACKET_V2, reserve);
    this.slotSize = slotSize;
    slotsPerBlock = memory.blockSize() / slotSize;
    slots = slotsPerBlock * memory.blocks();
  }

  private MemorySegment block(int slot) {
    return memory.block(slot / slotsPerBlock);
  }

  private int offset(int slot) {
    return slot % slotsPerBlock * slotSize;
  }

  @Override
  public Put put(CapturedFrame f, boolean lossy) {
    int slot = head;
    MemorySegment b = block(slot);
    int at = offset(slot);
    if (status(b, at) != PacketAbi.TP_STATUS_KERNEL) {
      return Put.LOST;
    }
    int start = frameOffset(f);
    int length = Math.min(f.data().length, Math.max(slotSize - start, 0));
    b.set(INT, at + 4, f.length());
    b.set(INT, at + 8, length);
    putShort(b, at + 12, start);
    putShort(b, at + 14, networkOffset());
    b.set(INT, at + 16, seconds(f.time()));
    b.set(INT, at + 20, nanos(f.time()));
    b.set(INT, at + 24, 0);
    b.set(INT, at + 28, 0);
    copy(f, b, at, length);
    publish(b, at, packetStatus(f) | (lossy ? PacketAbi.TP_STATUS_LOSING : 0));
    head = slot + 1 == slots ? 0 : slot + 1;
    return Put.READABLE;
  }

  @Override
  public boolean expire(boolean lossy) {
    return false;
  }

  @Override
  public boolean held() {
    return false;
  }

  @Override
  public long holdTime() {
    return 0;
  }

  @Override
  public boolean readable() {
    int last = (head + slots - 1) % slots;
    return status(block(last), offset(last)) != PacketAbi.TP_STATUS_KERNEL;
  }
}
