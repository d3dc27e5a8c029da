package io.loomvisor.kernel.socket.packet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.cache.PageStore;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * struct tpacket_req, and what tpacket_req3 adds: seven words.
 *
 * @param blocks 0: the ring goes away
 * @param holdMillis after which a block that is not full is given to the reader
 * @param privateSize bytes for the reader's own use at the start of each block
 */
record RingRequest(
    int blockSize, int blocks, int frameSize, int frames, int holdMillis, int privateSize) {
  private static final int SIZE = 16;
  private static final int SIZE3 = 28;

  /** Bounds a ring to what one process may want; there is no more memory in a sandbox, usually. */
  private static final long LARGEST = 1L << 30;

  static RingRequest parse(byte[] value, int version) {
    boolean three = version == PacketAbi.TPACKET_V3;
    if (value.length < (three ? SIZE3 : SIZE)) {
      throw Errno.EINVAL.exception();
    }
    ByteBuffer b = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
    return new RingRequest(
        b.getInt(),
        b.getInt(),
        b.getInt(),
        b.getInt(),
        three ? b.getInt() : 0,
        three ? b.getInt() : 0);
  }

  /** The checks of packet_set_ring. */
  void check(int version, int reserve) {
    long least = PacketAbi.headerSize(version) + PacketAbi.ADDRESS_SIZE + (long) reserve;
    boolean three = version == PacketAbi.TPACKET_V3;
    boolean sound =
        blocks > 0
            && blockSize > 0
            && blockSize % PageStore.PAGE_SIZE == 0
            && (!three || blockSize > BlockRing.firstPacket(privateSize))
            && frameSize >= least
            && frameSize % PacketAbi.TPACKET_ALIGNMENT == 0
            && frameSize <= blockSize
            && blocks <= 0xffff_ffffL / blockSize
            && (long) (blockSize / frameSize) * blocks == frames;
    if (!sound) {
      throw Errno.EINVAL.exception();
    }
    if ((long) blockSize * blocks > LARGEST) {
      throw Errno.ENOMEM.exception();
    }
  }
}
