package io.loomvisor.runtime.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * syscall(2) for what the gofer needs to lock itself in: through java.lang.foreign, with the shape
 * of call that its file I/O has too, so that the gofer need not start JNA.
 *
 * <p>Safe because every address passed lies in an {@link Arena} that the caller holds.
 */
final class Syscall {
  private static final MethodHandle CALL = bind();
  private static final int ERROR_LIMIT = 4095;

  private Syscall() {}

  private static MethodHandle bind() {
    Linker linker = Linker.nativeLinker();
    ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("syscall"),
        FunctionDescriptor.of(word, word, word, word, word, word, word, word),
        Linker.Option.captureCallState("errno"));
  }

  /** The result; a failure is thrown with {@code what} in its message. */
  static long call(Arena arena, String what, int number, long... arguments) throws IOException {
    MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
    long[] a = java.util.Arrays.copyOf(arguments, 6);
    long result;
    try {
      result = (long) CALL.invokeExact(state, (long) number, a[0], a[1], a[2], a[3], a[4], a[5]);
    } catch (Throwable t) {
      throw new IllegalStateException(what, t);
    }
    if (result == -1) {
      int errno = state.get(ValueLayout.JAVA_INT, 0);
      assert errno > 0 && errno <= ERROR_LIMIT;
      throw new IOException(what + ": " + io.loomvisor.gofer.abi.Errno.of(errno).text());
    }
    return result;
  }

  /** The address of a C string. */
  static long string(Arena arena, String text) {
    return text == null ? 0 : arena.allocateFrom(text).address();
  }
}
