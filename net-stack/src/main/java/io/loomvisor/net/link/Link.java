package io.loomvisor.net.link;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.wire.MacAddress;

/**
 * One end of a link. The stack calls {@link #attach} once, then {@link #write} from one thread at a
 * time. The link calls its receiver from any thread.
 */
public interface Link extends AutoCloseable {
  /** What a packet on the link starts with. */
  enum Framing {
    /** An Ethernet II header. */
    ETHERNET,
    /** The IP header. */
    IP
  }

  /** Takes the packets that arrive; becomes their owner. */
  interface Receiver {
    void receive(PacketBuffer packet);

    /**
     * Takes the first {@code n} packets, which arrived together; what of them belongs together may
     * be joined. Sets the elements to null.
     */
    default void receive(PacketBuffer[] packets, int n) {
      for (int i = 0; i < n; i++) {
        PacketBuffer p = packets[i];
        packets[i] = null;
        receive(p);
      }
    }
  }

  Framing framing();

  /** Largest IP packet in bytes. */
  int mtu();

  /** This end's address; null if the framing is IP. */
  MacAddress mac();

  /**
   * Largest IP packet that may carry several TCP segments at once (segmentation offload); 0 if none
   * may.
   */
  default int segmentationLimit() {
    return 0;
  }

  /**
   * True if what is written here cannot be damaged on its way, so that transport checksums are not
   * needed.
   */
  default boolean checksumFree() {
    return false;
  }

  /**
   * True if the link finishes transport checksums that hold the pseudo-header's sum only ({@link
   * PacketBuffer#checksumStart}).
   */
  default boolean checksumOffload() {
    return false;
  }

  /** True for the link whose far end is this stack itself. */
  default boolean isLoopback() {
    return false;
  }

  void attach(Receiver receiver);

  /**
   * Sends one packet and becomes its owner. Never blocks for long: what cannot be sent is dropped.
   */
  void write(PacketBuffer packet);

  /** Packets dropped by the link itself. */
  default long dropped() {
    return 0;
  }

  @Override
  void close();
}
