package io.loomvisor.gofer.host;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * syscall(2) through java.lang.foreign, x86-64 numbers. One handle for all calls keeps start-up
 * short (each further shape costs the linker milliseconds) and makes plain which numbers a seccomp
 * filter must allow.
 *
 * <p>Linker.Option.firstVariadicArg is left out, which costs as many classes again as a fifth of
 * the shape: all it does on x86-64 is to tell in AL how many vector registers have arguments, and a
 * function that believes there were some saves registers that it does not look at (System V ABI,
 * 3.5.7).
 *
 * <p>Safe because every pointer passed is either the address of a segment that the caller holds for
 * the duration of the call, with its length passed beside it, or lies in a {@link Scratch}, which
 * is never freed.
 */
final class HostCall {
  private static final int ERRNO_EINTR = 4;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemorySegment SYSCALL = LINKER.defaultLookup().findOrThrow("syscall");

  /** The function is an argument too, as in {@code platform.kvm.host.Libc}: one handle for both. */
  private static final MethodHandle CALL = bind();

  private HostCall() {}

  private static MethodHandle bind() {
    ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
    return LINKER.downcallHandle(
        FunctionDescriptor.of(word, word, word, word, word, word, word, word),
        Linker.Option.captureCallState("errno"));
  }

  /** The result, or the negated errno as the kernel returns it. Repeats the call on EINTR. */
  static long call(Scratch scratch, int number, long a, long b, long c, long d, long e, long f) {
    for (; ; ) {
      long result;
      try {
        result = (long) CALL.invokeExact(SYSCALL, scratch.errno, (long) number, a, b, c, d, e, f);
      } catch (Throwable t) {
        throw new IllegalStateException("syscall " + number, t);
      }
      if (result != -1) {
        return result;
      }
      int errno = scratch.errno.get(ValueLayout.JAVA_INT, 0);
      if (errno != ERRNO_EINTR) {
        return -errno;
      }
    }
  }

  /** A call whose arguments are all numbers or addresses of memory that the caller keeps alive. */
  static long call(int number, long a, long b, long c, long d, long e, long f) {
    Scratch scratch = Scratch.take();
    try {
      return call(scratch, number, a, b, c, d, e, f);
    } finally {
      scratch.give();
    }
  }

  /**
   * Native memory for the arguments of one call. Taken and given back around the call; as many
   * exist as there ever were calls at the same time, which the number of carrier and platform
   * threads bounds.
   */
  static final class Scratch {
    /**
     * Bytes for arguments: two names, or a message header with its control data, or a statx buffer.
     */
    static final int SIZE = 12 << 10;

    private static final int SLOTS = 64;
    private static final AtomicReferenceArray<Scratch> POOL = new AtomicReferenceArray<>(SLOTS);

    private final MemorySegment errno;
    final MemorySegment memory;

    private Scratch() {
      MemorySegment all = MessageMemory.allocate(64 + SIZE);
      errno = all.asSlice(0, Linker.Option.captureStateLayout().byteSize());
      memory = all.asSlice(64, SIZE);
    }

    static Scratch take() {
      int start = (int) Thread.currentThread().threadId();
      for (int i = 0; i < SLOTS; i++) {
        int slot = start + i & SLOTS - 1;
        if (POOL.getPlain(slot) != null) {
          Scratch s = POOL.getAndSet(slot, null);
          if (s != null) {
            return s;
          }
        }
      }
      return new Scratch();
    }

    void give() {
      int start = (int) Thread.currentThread().threadId();
      for (int i = 0; i < SLOTS; i++) {
        int slot = start + i & SLOTS - 1;
        if (POOL.getPlain(slot) == null && POOL.compareAndSet(slot, null, this)) {
          return;
        }
      }
    }

    /**
     * Writes a NUL-terminated ISO 8859-1 string at {@code offset} and returns its address. The
     * caller checked its size.
     */
    long name(int offset, String text) {
      byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
      MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, offset, bytes.length);
      memory.set(ValueLayout.JAVA_BYTE, offset + bytes.length, (byte) 0);
      return memory.address() + offset;
    }
  }
}
