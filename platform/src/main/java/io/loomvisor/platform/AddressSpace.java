package io.loomvisor.platform;

/**
 * The page tables of one address space, both halves; the kernel half is fixed. Owned by a
 * MemoryManager, whose actor is the only caller of the methods that change it.
 *
 * <p>Upgrades ({@link #map} over nothing, more permission) are seen by every vCPU at the latest at
 * its next fault. Downgrades ({@link #unmap}, {@link #protect}, {@link #map} over another frame)
 * are collected and take effect on every vCPU when {@link #flush()} returns. Between a downgrade
 * and its flush vCPUs may use the old or the new translation. Frames that were unmapped may be
 * released, and the syscall answered, only after the flush.
 *
 * <p>Address spaces hold no references to frames: the caller keeps the counts.
 */
public interface AddressSpace extends AutoCloseable {
  /** Page is readable (present). */
  int READ = 1;

  int WRITE = 2;
  int EXEC = 4;

  /**
   * Maps {@code pages} consecutive pages from {@code address} to consecutive frames from {@code
   * frame}. Replaces what was there (a downgrade if it was another frame or had more permission).
   * May use entries of 2 MiB where alignment and length allow.
   *
   * @param protection an OR of {@link #READ}, {@link #WRITE}, {@link #EXEC}; READ is implied
   */
  void map(long address, long frame, int pages, int protection);

  /** Removes the pages in [address, address + length); absent pages are fine. */
  void unmap(long address, long length);

  /**
   * Gives the present pages in the range exactly this protection; 0 removes them. For copy-on-write
   * after fork, and mprotect.
   */
  void protect(long address, long length, int protection);

  /**
   * The frame at {@code address} if it is present with at least {@code protection}, else {@link
   * MemoryFile#NO_FRAME}.
   */
  long lookup(long address, int protection);

  /** Makes all downgrades so far take effect on all vCPUs. Cheap when there are none. */
  void flush();

  /**
   * Everybody who runs here at the moment passes a full memory barrier and serializes its
   * instruction stream before this returns (membarrier(2)). Any thread.
   */
  void barrier();

  /**
   * Makes room for calls to be posted by the contexts that run here (docs/exitless.md); they may
   * come out as ever if there is none. As {@link #map} for the owner only.
   */
  default void openCallPage() {}

  /**
   * Frees the tables. No context may run in it or be switched to it afterwards; implies a flush.
   */
  @Override
  void close();
}
