package io.loomvisor.kernel.lock;

import io.loomvisor.vfs.FileDescription;

/**
 * A lock on a range of bytes (fcntl(2), "Advisory record locking").
 *
 * @param owner the descriptor table of a process, or for open file description locks the
 *     description
 * @param pid whom F_GETLK names; -1 for open file description locks
 * @param start first byte
 * @param end last byte, Long.MAX_VALUE to the end of the file
 * @param via the description through which it was set: its close ends the lock
 */
public record RecordLock(
    Object owner, int pid, boolean exclusive, long start, long end, FileDescription via) {
  boolean overlaps(long from, long to) {
    return start <= to && from <= end;
  }

  boolean conflicts(RecordLock other) {
    return owner != other.owner
        && (exclusive || other.exclusive)
        && overlaps(other.start, other.end);
  }

  RecordLock withRange(long from, long to) {
    return new RecordLock(owner, pid, exclusive, from, to, via);
  }
}
