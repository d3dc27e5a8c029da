package io.loomvisor.kernel.socket.packet;

/** Numbers of packet(7) under their Linux names (linux/if_packet.h, linux/if_ether.h). */
final class PacketAbi {
  static final int SOL_PACKET = 263;

  static final int PACKET_ADD_MEMBERSHIP = 1;
  static final int PACKET_DROP_MEMBERSHIP = 2;
  static final int PACKET_RX_RING = 5;
  static final int PACKET_STATISTICS = 6;
  static final int PACKET_COPY_THRESH = 7;
  static final int PACKET_AUXDATA = 8;
  static final int PACKET_ORIGDEV = 9;
  static final int PACKET_VERSION = 10;
  static final int PACKET_HDRLEN = 11;
  static final int PACKET_RESERVE = 12;
  static final int PACKET_LOSS = 14;
  static final int PACKET_TIMESTAMP = 17;
  static final int PACKET_IGNORE_OUTGOING = 23;

  static final int TPACKET_V1 = 0;
  static final int TPACKET_V2 = 1;
  static final int TPACKET_V3 = 2;

  static final int TP_STATUS_KERNEL = 0;
  static final int TP_STATUS_USER = 1;
  static final int TP_STATUS_LOSING = 4;
  static final int TP_STATUS_CSUMNOTREADY = 8;
  static final int TP_STATUS_BLK_TMO = 0x20;

  static final int TPACKET_ALIGNMENT = 16;

  /** sizeof(struct sockaddr_ll). */
  static final int ADDRESS_SIZE = 20;

  static final int MAC_SIZE = 6;

  /** Of all interfaces that the sandbox can have. */
  static final int ETHERNET_HEADER = 14;

  private PacketAbi() {}

  static int aligned(int size) {
    return size + TPACKET_ALIGNMENT - 1 & -TPACKET_ALIGNMENT;
  }

  /**
   * sizeof of a packet's header in a ring, by version (tpacket_hdr, tpacket2_hdr, tpacket3_hdr).
   */
  static int headerSize(int version) {
    return version == TPACKET_V3 ? 48 : 32;
  }
}
