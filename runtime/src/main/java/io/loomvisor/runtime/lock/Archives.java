package io.loomvisor.runtime.lock;

/**
 * Opens the archives of the class path, which the class loader does one after the other when it
 * looks for a class, and reads their lists of files: 4 µs for each entry, 17 ms for all of them.
 */
final class Archives {
  /** {@link UncachedClass}, by its name: the training for the cache must not come by it. */
  private static final String UNCACHED = "io.loomvisor.runtime.lock.UncachedClass";

  private Archives() {}

  /**
   * Those up to the one that this class is in; jvm-options has put what a gofer needs there.
   *
   * <p>A class that is in no cache makes the JDK load what it needs for compressed ones, and the
   * JVM what it needs to compare classes with the cache: both open and stat the JDK's libzip.
   * Classes that a start needs come from the cache, so the first one might come after the lock.
   */
  static void openForGofer() {
    if (System.getenv("LOOMVISOR_TRAINING") == null) {
      try {
        Class.forName(UNCACHED);
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** All: looking for what none has makes the class loader open every one. */
  static void openAll() {
    openForGofer();
    if (ClassLoader.getSystemResource("no/such/resource") != null) {
      throw new IllegalStateException("a resource that nobody made");
    }
  }
}
