package io.loomvisor.runtime.host;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A program of the tests: installs the shortcut, says what came of it, and makes host calls of the
 * type it is for.
 */
public final class Shortened {
  private static final Linker LINKER = Linker.nativeLinker();

  private Shortened() {}

  public static void main(String[] args) throws Throwable {
    System.out.println("without: " + LinkerShortcut.install().orElse("-"));
    System.out.println("again: " + LinkerShortcut.install().orElse("-"));
    FunctionDescriptor type =
        FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    MethodHandle call = LINKER.downcallHandle(type, Linker.Option.captureCallState("errno"));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      MemorySegment text = arena.allocate(64);
      long format = arena.allocateFrom("%ld %ld %ld %ld").address();
      // Seven arguments, of which the last is on the stack.
      long length =
          (long)
              call.invokeExact(
                  function("snprintf"), state, text.address(), 64L, format, -1L, 2L, 3L, 1L << 40);
      System.out.println("text: " + text.getString(0) + ", " + length);
      long closed = (long) call.invokeExact(function("close"), state, -1L, 0L, 0L, 0L, 0L, 0L, 0L);
      System.out.println("close: " + (int) closed + ", " + state.get(JAVA_INT, 0));
      refused(call, MemorySegment.NULL, state);
      refused(call, MemorySegment.ofArray(new long[1]), state);
      refused(call, function("close"), MemorySegment.ofArray(new int[1]));
      refused(call, function("close"), MemorySegment.NULL);
    }
  }

  private static MemorySegment function(String name) {
    return LINKER.defaultLookup().findOrThrow(name);
  }

  private static void refused(MethodHandle call, MemorySegment function, MemorySegment state)
      throws Throwable {
    try {
      long result = (long) call.invokeExact(function, state, -1L, 0L, 0L, 0L, 0L, 0L, 0L);
      System.out.println("called: " + result);
    } catch (IllegalArgumentException | IndexOutOfBoundsException _) {
      System.out.println("refused");
    }
  }
}
