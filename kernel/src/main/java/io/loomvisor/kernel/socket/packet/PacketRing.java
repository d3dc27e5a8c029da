package io.loomvisor.kernel.socket.packet;

import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.packet.CapturedFrame;
import io.loomvisor.net.packet.FrameRing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** What the rings of both versions have in common. Written inside the endpoint's mailbox. */
abstract class PacketRing implements FrameRing {
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final VarHandle STATUS = INT.varHandle();
  private static final long SECOND = 1_000_000_000L;

  final RingMemory memory;
  private final IpLayer ip;
  private final int reserve;
  private final int headerSize;

  PacketRing(RingMemory memory, IpLayer ip, int version, int reserve) {
    this.memory = memory;
    this.ip = ip;
    this.reserve = reserve;
    headerSize = PacketAbi.headerSize(version);
  }

  final RingMemory memory() {
    return memory;
  }

  /** What was written before a status is seen by whoever sees the status. */
  static void publish(MemorySegment m, long at, int status) {
    STATUS.setRelease(m, at, status);
  }

  static int status(MemorySegment m, long at) {
    return (int) STATUS.getAcquire(m, at);
  }

  static int seconds(long time) {
    return (int) (time / SECOND);
  }

  static int nanos(long time) {
    return (int) (time % SECOND);
  }

  /** tpacket_rcv: where the network header comes to lie, behind header and address. */
  final int networkOffset() {
    int header = headerSize + PacketAbi.ADDRESS_SIZE;
    return PacketAbi.aligned(header + PacketAbi.TPACKET_ALIGNMENT) + reserve;
  }

  /** Where the frame begins. */
  final int frameOffset(CapturedFrame f) {
    return networkOffset() - f.networkOffset();
  }

  final int packetStatus(CapturedFrame f) {
    return PacketAbi.TP_STATUS_USER | (f.checksumPending() ? PacketAbi.TP_STATUS_CSUMNOTREADY : 0);
  }

  /** Address and data; {@code length} bytes of it. */
  final void copy(CapturedFrame f, MemorySegment block, int at, int length) {
    byte[] address = LinkAddress.of(ip, f);
    MemorySegment.copy(address, 0, block, ValueLayout.JAVA_BYTE, at + headerSize, address.length);
    MemorySegment.copy(
        f.data(), 0, block, ValueLayout.JAVA_BYTE, (long) at + frameOffset(f), length);
  }

  static void putShort(MemorySegment m, long at, int value) {
    m.set(ValueLayout.JAVA_SHORT, at, (short) value);
  }
}
