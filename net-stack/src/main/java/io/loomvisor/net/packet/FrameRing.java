package io.loomvisor.net.packet;

/**
 * Where an endpoint puts frames instead of into its queue: memory that it shares with whoever reads
 * them. Called inside the endpoint's mailbox only, but for {@link #readable}; must not block.
 */
public interface FrameRing {
  /** What has become of a frame. */
  enum Put {
    /** It is in the ring, and can be read. */
    READABLE,
    /** It is in the ring, and will be readable later. */
    HELD,
    /** There was no room. */
    LOST
  }

  /**
   * @param lossy frames have been lost since somebody asked how many
   */
  Put put(CapturedFrame frame, boolean lossy);

  /**
   * Makes what is held readable, if it is held for long enough.
   *
   * @return true if it has become so
   */
  boolean expire(boolean lossy);

  /** Whether it holds frames that are not readable yet. */
  boolean held();

  /** How long frames are held at most, in ns; 0: they are not. */
  long holdTime();

  /** Whether there is something to read; on any thread. */
  boolean readable();

  /** Times that the ring was found full by a frame that would have begun a block. */
  default int freezes() {
    return 0;
  }
}
