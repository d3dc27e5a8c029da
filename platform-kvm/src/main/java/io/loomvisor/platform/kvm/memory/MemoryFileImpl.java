package io.loomvisor.platform.kvm.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Platform;
import io.loomvisor.platform.kvm.host.KvmException;
import io.loomvisor.platform.kvm.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The memory file: a sparse memfd of the limit's size, mapped once for the sentry and once for KVM.
 * Reference counts are lock-free; which frames are free is known to the {@link FrameActor}.
 *
 * <p>Only the sentry's mapping is handed out, as one bounded segment. Frames below the reserved
 * ones are never given to callers.
 */
public final class MemoryFileImpl implements MemoryFile, AutoCloseable {
  /** Frames per block of reference counts, and per KVM memory slot: 256 MiB. */
  static final int CHUNK_SHIFT = 16;

  static final int CHUNK_FRAMES = 1 << CHUNK_SHIFT;

  /** Called before the first frame of a chunk is given out: makes it a KVM memory slot. */
  @FunctionalInterface
  public interface ChunkListener {
    /**
     * Guest-physical [firstFrame, firstFrame + frames) is about to be used; it lies at {@code
     * hostAddress} for KVM.
     */
    void chunkNeeded(long firstFrame, long frames, long hostAddress);
  }

  private static final VarHandle INT = JAVA_INT.varHandle();
  private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(int[].class);

  private final int fd;
  private final long bytes;
  private final long limit;

  /**
   * Of both mappings. After its end segments are dead: an access throws instead of touching
   * unmapped memory.
   */
  private final Arena arena = Arena.ofShared();

  private final MemorySegment whole;
  private final MemorySegment forKvm;

  /** Set by the actor before it gives out a frame of the chunk; never changed afterwards. */
  private final int[][] counts;

  private final FrameActor frames;

  /** Host calls on the mappings that are under way outside the frame actor. */
  private final AtomicInteger calls = new AtomicInteger();

  private final int reserved;

  /**
   * @param bytes the limit; rounded down to whole frames
   * @param reserved frames at the bottom that are in use for ever
   */
  public MemoryFileImpl(long bytes, int reserved, ChunkListener listener) {
    this.limit = bytes >>> Platform.PAGE_SHIFT;
    this.bytes = limit << Platform.PAGE_SHIFT;
    this.reserved = reserved;
    if (limit <= reserved) {
      throw new IllegalArgumentException("memory limit of " + bytes + " bytes is too small");
    }
    fd = check("memfd_create", Libc.memfdCreate("loomvisor-memory", Libc.MFD_CLOEXEC));
    check("ftruncate", Libc.ftruncate(fd, this.bytes));
    whole = map();
    forKvm = map();
    counts = new int[(int) ((limit + CHUNK_FRAMES - 1) >>> CHUNK_SHIFT)][];
    frames = new FrameActor(this, listener, limit, reserved);
  }

  private MemorySegment map() {
    long address =
        Libc.mmap(
            bytes, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED | Libc.MAP_NORESERVE, fd, 0);
    if (address < 0 && address > -4096) {
      throw new KvmException("mmap of the memory file", (int) -address);
    }
    MemorySegment mapping =
        MemorySegment.ofAddress(address)
            .reinterpret(bytes, arena, s -> Libc.munmap(address, bytes));
    // The sandbox's memory must not end up in a core file of the sentry, nor in a child process.
    check("madvise", Libc.madvise(address, bytes, Libc.MADV_DONTDUMP));
    check("madvise", Libc.madvise(address, bytes, Libc.MADV_DONTFORK));
    return mapping;
  }

  private static int check(String what, int result) {
    if (result < 0) {
      throw new KvmException(what, -result);
    }
    return result;
  }

  @Override
  public long allocate() {
    return frames.allocate();
  }

  @Override
  public long allocate(int count, int align) {
    if (count <= 0 || Integer.bitCount(align) != 1) {
      throw new IllegalArgumentException("count " + count + ", align " + align);
    }
    return count == 1 && align == 1 ? frames.allocate() : frames.allocateRun(count, align, true);
  }

  @Override
  public long allocateToFill(int count) {
    if (count <= 0) {
      throw new IllegalArgumentException("count " + count);
    }
    return frames.allocateRun(count, 1, false);
  }

  @Override
  public void giveBackUnused() {
    frames.giveBackUnused();
  }

  @Override
  public void retain(long frame) {
    int[] block = block(frame);
    int at = (int) frame & CHUNK_FRAMES - 1;
    int now = (int) COUNT.getAndAdd(block, at, 1);
    if (now <= 0) {
      COUNT.getAndAdd(block, at, -1);
      throw new IllegalStateException("frame " + frame + " retained while free");
    }
  }

  @Override
  public void release(long frame) {
    int[] block = block(frame);
    int at = (int) frame & CHUNK_FRAMES - 1;
    int before = (int) COUNT.getAndAdd(block, at, -1);
    if (before <= 0) {
      COUNT.getAndAdd(block, at, 1);
      throw new IllegalStateException("frame " + frame + " released while free");
    }
    if (before == 1) {
      frames.free(frame);
    }
  }

  @Override
  public int references(long frame) {
    return (int) COUNT.getVolatile(block(frame), (int) frame & CHUNK_FRAMES - 1);
  }

  private int[] block(long frame) {
    if (frame < reserved || frame >= limit) {
      throw new IndexOutOfBoundsException("frame " + frame);
    }
    int[] block = counts[(int) (frame >>> CHUNK_SHIFT)];
    if (block == null) {
      throw new IllegalStateException("frame " + frame + " was never given out");
    }
    return block;
  }

  @Override
  public MemorySegment segment(long frame, int count) {
    return whole.asSlice(frame << Platform.PAGE_SHIFT, (long) count << Platform.PAGE_SHIFT);
  }

  @Override
  public MemorySegment whole() {
    return whole;
  }

  @Override
  public long framesInUse() {
    return frames.inUse();
  }

  @Override
  public long frameLimit() {
    return limit;
  }

  /** Makes KVM forget all translations to these frames, on every vCPU. The contents stay. */
  public void zapTranslations(long frame, long count) {
    if (!beginCall()) {
      return;
    }
    try {
      MemorySegment range =
          forKvm.asSlice(frame << Platform.PAGE_SHIFT, count << Platform.PAGE_SHIFT);
      check("madvise", Libc.madvise(range.address(), range.byteSize(), Libc.MADV_DONTNEED));
    } finally {
      calls.decrementAndGet();
    }
  }

  /**
   * A host call on the mappings begins: they stay until {@link #calls} is decremented. False if
   * they are gone.
   */
  private boolean beginCall() {
    calls.incrementAndGet();
    if (frames.closed()) {
      calls.decrementAndGet();
      return false;
    }
    return true;
  }

  /** Adds 1 to the word at that offset; nothing once the file is closed. Any thread. */
  public void increment(long offset) {
    if (beginCall()) {
      INT.getAndAdd(whole, offset, 1);
      calls.decrementAndGet();
    }
  }

  /**
   * By the actor, with the file open. Has the host allocate the memory of never-used frames in one
   * call. Failure only costs time later.
   */
  void populate(long frame, long count) {
    long offset = frame << Platform.PAGE_SHIFT;
    long length = count << Platform.PAGE_SHIFT;
    Libc.madvise(whole.address() + offset, length, Libc.MADV_POPULATE_WRITE);
    enterForKvm(offset, length);
  }

  /**
   * Enters frames, whose memory the host has, into its page tables for KVM's mapping: a zap has
   * taken them out. KVM maps the neighbours of a page along with it only if it finds them there. As
   * if for reading, since then the host does 16 pages at a time (fault_around_bytes), and they come
   * writable all the same, as shared memory needs no notice of writing.
   */
  void showToKvm(long frame, long count) {
    if (!beginCall()) {
      return;
    }
    try {
      enterForKvm(frame << Platform.PAGE_SHIFT, count << Platform.PAGE_SHIFT);
    } finally {
      calls.decrementAndGet();
    }
  }

  private void enterForKvm(long offset, long length) {
    Libc.madvise(forKvm.address() + offset, length, Libc.MADV_POPULATE_READ);
  }

  /** Gives the host memory back; the frames read as zeros afterwards. True if the host did it. */
  boolean punch(long frame, long count) {
    int mode = Libc.FALLOC_PUNCH_HOLE | Libc.FALLOC_KEEP_SIZE;
    return Libc.fallocate(fd, mode, frame << Platform.PAGE_SHIFT, count << Platform.PAGE_SHIFT)
        == 0;
  }

  /** First use of a chunk, by the actor. */
  void openChunk(int chunk, ChunkListener listener) {
    long first = (long) chunk << CHUNK_SHIFT;
    long count = Math.min(CHUNK_FRAMES, limit - first);
    counts[chunk] = new int[(int) count];
    listener.chunkNeeded(first, count, forKvm.address() + (first << Platform.PAGE_SHIFT));
  }

  /** A frame leaves the free list with one reference. */
  void claim(long frame) {
    COUNT.setVolatile(counts[(int) (frame >>> CHUNK_SHIFT)], (int) frame & CHUNK_FRAMES - 1, 1);
  }

  void zero(long frame, int count) {
    segment(frame, count).fill((byte) 0);
  }

  /** Whether {@link #close} has begun. */
  public boolean closed() {
    return frames.closed();
  }

  /** No vCPU may run any more. Accesses that are under way are waited for; later ones throw. */
  @Override
  public void close() {
    if (!frames.close()) {
      return;
    }
    while (calls.get() != 0) {
      Thread.onSpinWait();
    }
    arena.close();
    Libc.close(fd);
  }
}
