package io.loomvisor.runtime.lock;

/** In no AOT cache, so that loading it is loading from an archive; see {@link Archives}. */
final class UncachedClass {
  private UncachedClass() {}
}
