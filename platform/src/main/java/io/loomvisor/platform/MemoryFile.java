package io.loomvisor.platform;

import java.lang.foreign.MemorySegment;

/**
 * Guest-physical memory: one memfd, cut into 4 KiB frames that are counted by reference. Frame
 * numbers are the guest's physical page numbers. Any thread may call; implementations are actors of
 * rank FRAMES or lock-free.
 *
 * <p>A new frame has one reference and reads as zeros. When the last reference goes, the frame is
 * free, its contents are gone and its host memory is given back (at once or in batches). A frame
 * that may still be in a page table seen by a vCPU must not be released before {@link
 * AddressSpace#flush()}.
 */
public interface MemoryFile {
  /** No frame. Frame 0 is never given out. */
  long NO_FRAME = 0;

  /**
   * One zeroed frame with one reference.
   *
   * @throws OutOfMemoryException if the sandbox's memory limit is reached
   */
  long allocate();

  /**
   * {@code count} consecutive zeroed frames, each with one reference; the first is aligned to
   * {@code align} frames (a power of two).
   */
  long allocate(int count, int align);

  /**
   * {@code count} consecutive frames, each with one reference, whose contents are anything: the
   * caller overwrites all of it before anybody else can see it.
   */
  default long allocateToFill(int count) {
    return allocate(count, 1);
  }

  /**
   * Gives the host's memory of free frames back that nobody has wanted since the last call. Called
   * from time to time.
   */
  default void giveBackUnused() {}

  /** One more reference to {@code frame}, which must have one already. */
  void retain(long frame);

  /** One reference less. */
  void release(long frame);

  /** References held; for copy-on-write: 1 means the only holder may write in place. */
  int references(long frame);

  /**
   * The bytes of {@code count} consecutive frames from {@code frame}: a bounded slice of the one
   * mapping.
   */
  MemorySegment segment(long frame, int count);

  /**
   * The whole mapping; {@code frame << 12} is the offset of a frame. For hot paths that have
   * checked their bounds.
   */
  MemorySegment whole();

  /** Frames in use and the limit. */
  long framesInUse();

  long frameLimit();

  /** The memory limit is reached. */
  final class OutOfMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public OutOfMemoryException() {
      super("sandbox memory limit reached", null, false, false);
    }
  }
}
