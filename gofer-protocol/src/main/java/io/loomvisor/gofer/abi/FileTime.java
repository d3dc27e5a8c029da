package io.loomvisor.gofer.abi;

/**
 * A point in time as files keep it.
 *
 * @param seconds since the Epoch, may be negative
 * @param nanos 0 to 999,999,999
 */
public record FileTime(long seconds, int nanos) {
  public static final FileTime EPOCH = new FileTime(0, 0);
}
