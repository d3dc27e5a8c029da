package io.loomvisor.net.neighbor;

/** RFC 4861 section 7.3.2, and Linux's PERMANENT. */
public enum NeighborState {
  INCOMPLETE,
  REACHABLE,
  STALE,
  DELAY,
  PROBE,
  PERMANENT
}
