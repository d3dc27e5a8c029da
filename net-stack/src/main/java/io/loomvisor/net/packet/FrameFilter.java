package io.loomvisor.net.packet;

/** Chooses among frames. Called on any thread; must not block. */
@FunctionalInterface
public interface FrameFilter {
  FrameFilter ALL = frame -> -1;

  /** Bytes of the frame to keep, counted without sign; 0: it is not wanted. */
  int keep(FrameView frame);
}
