package io.loomvisor.net.packet;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Ethernet;

/**
 * A frame that is being offered, as one endpoint sees it: from its Ethernet header on, or from what
 * is behind it. Valid during the call only.
 */
public final class FrameView {
  private final Nic nic;
  private final PacketBuffer frame;
  private final int offset;
  private final PacketType type;

  FrameView(Nic nic, PacketBuffer frame, boolean cooked, PacketType type) {
    this.nic = nic;
    this.frame = frame;
    this.offset = cooked ? Ethernet.HEADER_LENGTH : 0;
    this.type = type;
  }

  public Nic nic() {
    return nic;
  }

  public PacketType type() {
    return type;
  }

  /** EtherType. */
  public int protocol() {
    return frame.etherType;
  }

  public int length() {
    return frame.length() - offset;
  }

  /** Where the network header is; 0 if the view starts there. */
  public int networkOffset() {
    return Ethernet.HEADER_LENGTH - offset;
  }

  /**
   * {@code size} bytes (1, 2, 4) from {@code at} on, which must lie inside; a cooked view has the
   * link header in front of its start.
   */
  public long number(int at, int size) {
    int from = frame.start() + offset + at;
    byte[] a = frame.array();
    return switch (size) {
      case 1 -> Bytes.u8(a, from);
      case 2 -> Bytes.u16(a, from);
      default -> Integer.toUnsignedLong((int) Bytes.u32(a, from));
    };
  }
}
