package io.loomvisor.runtime.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What every start calls of the host: syscall(2), and the functions of the C library that are more
 * than a system call. Through java.lang.foreign, with the type of call that the KVM platform and
 * the gofer's file I/O have too, as JNA takes 50 ms to get ready (docs/performance.md).
 *
 * <p>Safe because every address passed lies in an {@link Arena} that the caller holds.
 */
final class Syscall {
  private static final Linker LINKER = Linker.nativeLinker();

  /** Any function of up to seven integers or pointers; it looks at those that it has. */
  private static final MethodHandle CALL = bind();

  private static final MemorySegment SYSCALL = function("syscall");
  private static final int ARGUMENTS = 6;

  private Syscall() {}

  private static MethodHandle bind() {
    ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
    return LINKER.downcallHandle(
        FunctionDescriptor.of(word, word, word, word, word, word, word, word),
        Linker.Option.captureCallState("errno"));
  }

  /** A function of the C library. */
  static MemorySegment function(String name) {
    return LINKER.defaultLookup().findOrThrow(name);
  }

  /** The result; a failure is thrown with {@code what} in its message and errno as its cause. */
  static long call(Arena arena, String what, int number, long... arguments) throws IOException {
    return checked(what, result(arena, number, arguments));
  }

  /** As {@link #call}, of a function that returns -1 and has set errno when it fails. */
  static long call(Arena arena, String what, MemorySegment function, long... arguments)
      throws IOException {
    return checked(what, invoke(arena, function, arguments));
  }

  /** {@code result}, or what it means if it is a negated errno. */
  static long checked(String what, long result) throws IOException {
    if (result < 0) {
      LinuxException error = Errno.of((int) -result).exception();
      throw new IOException(what + ": " + error.errno().text(), error);
    }
    return result;
  }

  /** The result, or the negated errno. */
  static long result(Arena arena, int number, long... arguments) {
    long[] all = new long[1 + ARGUMENTS];
    all[0] = number;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return invoke(arena, SYSCALL, all);
  }

  /** Without memory for arguments. */
  static long result(int number, long... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      return result(arena, number, arguments);
    }
  }

  /** Of a function that returns its error, as those of posix_spawn(3) do. */
  static void status(Arena arena, String what, MemorySegment function, long... arguments)
      throws IOException {
    checked(what, -(int) invoke(arena, function, arguments));
  }

  private static long invoke(Arena arena, MemorySegment function, long... arguments) {
    MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
    long[] a = Arrays.copyOf(arguments, 1 + ARGUMENTS);
    long result;
    try {
      result = (long) CALL.invokeExact(function, state, a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
    // Functions that return an int leave the upper half of the register undefined.
    return (int) result == -1 ? -state.get(ValueLayout.JAVA_INT, 0) : result;
  }

  /** The address of a C string; 0 for null. */
  static long string(Arena arena, String text) {
    return text == null ? 0 : string(arena, text.getBytes(StandardCharsets.UTF_8));
  }

  static long string(Arena arena, byte[] text) {
    return bytes(arena, Arrays.copyOf(text, text.length + 1)).address();
  }

  static MemorySegment bytes(Arena arena, byte[] bytes) {
    MemorySegment copy = arena.allocate(bytes.length, 8);
    MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return copy;
  }
}
