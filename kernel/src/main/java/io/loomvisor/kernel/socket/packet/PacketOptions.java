package io.loomvisor.kernel.socket.packet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.packet.PacketEndpoint;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.socket.SocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReference;

/** The options of level SOL_PACKET of one socket. Any thread. */
final class PacketOptions {
  /** struct packet_mreq: ifindex (4), type (2), alen (2), address (8). */
  private static final int MREQ_SIZE = 16;

  private final PacketEndpoint endpoint;
  private final IpLayer ip;
  private final PageStore pages;
  private final AtomicReference<PacketRing> ring = new AtomicReference<>();
  private volatile boolean auxiliary;
  private volatile boolean originalDevice;
  private volatile boolean loss;
  private volatile int version;
  private volatile int reserve;
  private volatile int copyThreshold;
  private volatile int timestamp;

  PacketOptions(PacketEndpoint endpoint, IpLayer ip, PageStore pages) {
    this.endpoint = endpoint;
    this.ip = ip;
    this.pages = pages;
  }

  /** PACKET_AUXDATA. */
  boolean auxiliary() {
    return auxiliary;
  }

  /** Null for none. */
  RingMemory memory() {
    PacketRing r = ring.get();
    return r == null ? null : r.memory();
  }

  void set(int option, byte[] value) {
    switch (option) {
      case PacketAbi.PACKET_ADD_MEMBERSHIP, PacketAbi.PACKET_DROP_MEMBERSHIP ->
          member(value, option == PacketAbi.PACKET_ADD_MEMBERSHIP);
      case PacketAbi.PACKET_RX_RING -> setRing(RingRequest.parse(value, version));
      default -> setNumber(option, SocketOptions.numberIn(value));
    }
  }

  private void setNumber(int option, int n) {
    switch (option) {
      case PacketAbi.PACKET_AUXDATA -> auxiliary = n != 0;
      case PacketAbi.PACKET_ORIGDEV -> originalDevice = n != 0;
      case PacketAbi.PACKET_COPY_THRESH -> copyThreshold = n;
      case PacketAbi.PACKET_TIMESTAMP -> timestamp = n;
      case PacketAbi.PACKET_IGNORE_OUTGOING -> {
        if (n < 0 || n > 1) {
          throw Errno.EINVAL.exception();
        }
        endpoint.ignoreOutgoing(n == 1);
      }
      case PacketAbi.PACKET_VERSION -> {
        if (n < PacketAbi.TPACKET_V1 || n > PacketAbi.TPACKET_V3) {
          throw Errno.EINVAL.exception();
        }
        requireNoRing();
        version = n;
      }
      case PacketAbi.PACKET_RESERVE -> {
        if (n < 0) {
          throw Errno.EINVAL.exception();
        }
        requireNoRing();
        reserve = n;
      }
      case PacketAbi.PACKET_LOSS -> {
        requireNoRing();
        loss = n != 0;
      }
      default -> throw Errno.ENOPROTOOPT.exception();
    }
  }

  private void requireNoRing() {
    if (ring.get() != null) {
      throw Errno.EBUSY.exception();
    }
  }

  /**
   * Every frame of an interface comes here whether or not it is for this host, and groups too, so
   * that a membership changes nothing; leaving one that is not there is no error (packet_mc_drop).
   */
  private void member(byte[] value, boolean add) {
    if (value.length < MREQ_SIZE) {
      throw Errno.EINVAL.exception();
    }
    ByteBuffer b = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
    if (add && ip.nic(b.getInt(0)) == null) {
      throw Errno.ENODEV.exception();
    }
    if (add && (b.getShort(6) & 0xffff) > PacketAbi.MAC_SIZE) {
      throw Errno.EINVAL.exception();
    }
  }

  /** EBUSY if there is one already, or it is mapped. */
  private void setRing(RingRequest r) {
    PacketRing now = ring.get();
    if (now != null && now.memory().mapped() || now != null && r.blocks() != 0) {
      throw Errno.EBUSY.exception();
    }
    if (r.blocks() == 0) {
      if (r.frames() != 0) {
        throw Errno.EINVAL.exception();
      }
      release();
      return;
    }
    if (version == PacketAbi.TPACKET_V1) {
      throw Errno.ENOPROTOOPT.exception(); // not there; docs/sockets.md
    }
    r.check(version, reserve);
    RingMemory memory = RingMemory.allocate(pages, r.blockSize(), r.blocks());
    PacketRing made =
        version == PacketAbi.TPACKET_V3
            ? new BlockRing(memory, ip, r, reserve)
            : new SlotRing(memory, ip, r.frameSize(), reserve);
    if (!ring.compareAndSet(null, made)) {
      memory.free();
      throw Errno.EBUSY.exception();
    }
    endpoint.ring(made);
  }

  /** Of a socket that is closed, or whose ring goes away. */
  void release() {
    PacketRing r = ring.getAndSet(null);
    if (r != null) {
      endpoint.ring(null);
      r.memory().free();
    }
  }

  byte[] get(int option) {
    return switch (option) {
      case PacketAbi.PACKET_STATISTICS -> statistics();
      case PacketAbi.PACKET_AUXDATA -> flag(auxiliary);
      case PacketAbi.PACKET_ORIGDEV -> flag(originalDevice);
      case PacketAbi.PACKET_VERSION -> SocketOptions.word(version);
      case PacketAbi.PACKET_RESERVE -> SocketOptions.word(reserve);
      case PacketAbi.PACKET_LOSS -> flag(loss);
      case PacketAbi.PACKET_COPY_THRESH -> SocketOptions.word(copyThreshold);
      case PacketAbi.PACKET_TIMESTAMP -> SocketOptions.word(timestamp);
      case PacketAbi.PACKET_IGNORE_OUTGOING -> flag(endpoint.ignoresOutgoing());
      default -> throw Errno.ENOPROTOOPT.exception();
    };
  }

  /** PACKET_HDRLEN, of the version that the buffer holds. */
  static byte[] headerLength(int version) {
    if (version < PacketAbi.TPACKET_V1 || version > PacketAbi.TPACKET_V3) {
      throw Errno.EINVAL.exception();
    }
    return SocketOptions.word(PacketAbi.headerSize(version));
  }

  private static byte[] flag(boolean on) {
    return SocketOptions.word(on ? 1 : 0);
  }

  /** struct tpacket_stats, and the count of freezes of version 3. */
  private byte[] statistics() {
    PacketEndpoint.Statistics s = endpoint.takeStatistics();
    boolean three = version == PacketAbi.TPACKET_V3;
    ByteBuffer b =
        ByteBuffer.allocate(three ? 3 * Integer.BYTES : 2 * Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(s.packets())
            .putInt(s.drops());
    if (three) {
      b.putInt(s.freezes());
    }
    return b.array();
  }
}
