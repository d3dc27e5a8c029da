package io.loomvisor.task.memory;

/**
 * What a futex is known by: the address space and address if it is private, the backing object and
 * offset if shared.
 *
 * @param owner compared by identity
 */
public record FutexKey(Object owner, long offset) {
  @Override
  public boolean equals(Object o) {
    return o instanceof FutexKey k && k.owner == owner && k.offset == offset;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(owner) * 31 + Long.hashCode(offset >>> 2);
  }
}
