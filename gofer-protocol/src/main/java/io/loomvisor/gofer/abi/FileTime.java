package io.loomvisor.gofer.abi;

/**
 * A point in time as files keep it.
 *
 * @param seconds since the Epoch, may be negative
 * @param nanos 0 to 999,999,999
 */
public record FileTime(long seconds, int nanos) {
  public static final FileTime EPOCH = new FileTime(0, 0);

  // By hand: linking a record's own ones would cost each start of a sandbox milliseconds.

  @Override
  public boolean equals(Object o) {
    return o instanceof FileTime other && seconds == other.seconds && nanos == other.nanos;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(seconds) * 31 + nanos;
  }
}
