package io.loomvisor.net.link;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The host calls of this module: read, write, poll, pipe2, close, open and ioctl of libc, on file
 * descriptors.
 *
 * <p>Safe because every pointer passed is a bounds-checked {@link MemorySegment} of at least the
 * length passed beside it, and the kernel writes nowhere else.
 */
final class HostFd {
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int O_RDWR = 2;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;
  static final short POLLIN = 1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup LIBC = LINKER.defaultLookup();
  private static final MemoryLayout ERRNO_LAYOUT = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      ERRNO_LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final MethodHandle READ =
      bind("read", FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG));
  private static final MethodHandle WRITE =
      bind("write", FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG));
  private static final MethodHandle POLL =
      bind("poll", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, LONG, INT));
  private static final MethodHandle PIPE2 =
      bind("pipe2", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT));
  private static final MethodHandle CLOSE = bind("close", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle OPEN =
      bind(
          "open",
          FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle IOCTL =
      bind(
          "ioctl",
          FunctionDescriptor.of(INT, INT, LONG, ValueLayout.ADDRESS),
          Linker.Option.firstVariadicArg(2));

  private HostFd() {}

  private static MethodHandle bind(String name, FunctionDescriptor type, Linker.Option... more) {
    Linker.Option[] options = java.util.Arrays.copyOf(more, more.length + 1);
    options[more.length] = Linker.Option.captureCallState("errno");
    return LINKER.downcallHandle(LIBC.findOrThrow(name), type, options);
  }

  /** Memory for the errno of one thread's calls. */
  static MemorySegment errnoIn(Arena arena) {
    return arena.allocate(ERRNO_LAYOUT);
  }

  /** Bytes read, or a negative errno. */
  static int read(MemorySegment errno, int fd, MemorySegment to) {
    try {
      return result(errno, (long) READ.invokeExact(errno, fd, to, to.byteSize()));
    } catch (Throwable t) {
      throw impossible(t);
    }
  }

  static int write(MemorySegment errno, int fd, MemorySegment from, long length) {
    if (length > from.byteSize()) {
      throw new IndexOutOfBoundsException();
    }
    try {
      return result(errno, (long) WRITE.invokeExact(errno, fd, from, length));
    } catch (Throwable t) {
      throw impossible(t);
    }
  }

  /** {@code set} is an array of struct pollfd (8 bytes each). */
  static int poll(MemorySegment errno, MemorySegment set, int timeoutMillis) {
    try {
      return result(errno, (int) POLL.invokeExact(errno, set, set.byteSize() / 8, timeoutMillis));
    } catch (Throwable t) {
      throw impossible(t);
    }
  }

  static int[] pipe() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = errnoIn(arena);
      MemorySegment fds = arena.allocate(INT, 2);
      int r;
      try {
        r = result(errno, (int) PIPE2.invokeExact(errno, fds, O_CLOEXEC | O_NONBLOCK));
      } catch (Throwable t) {
        throw impossible(t);
      }
      check("pipe2", r);
      return new int[] {fds.getAtIndex(INT, 0), fds.getAtIndex(INT, 1)};
    }
  }

  static void close(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = errnoIn(arena);
      try {
        // The descriptor is gone whatever close says (close(2)), so there is nothing to do about an
        // error.
        int unused = (int) CLOSE.invokeExact(errno, fd);
      } catch (Throwable t) {
        throw impossible(t);
      }
    }
  }

  static int open(String path, int flags) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = errnoIn(arena);
      int r;
      try {
        r = result(errno, (int) OPEN.invokeExact(errno, arena.allocateFrom(path), flags));
      } catch (Throwable t) {
        throw impossible(t);
      }
      return check("open " + path, r);
    }
  }

  static int ioctl(int fd, long request, MemorySegment argument) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = errnoIn(arena);
      return result(errno, (int) IOCTL.invokeExact(errno, fd, request, argument));
    } catch (Throwable t) {
      throw impossible(t);
    }
  }

  static int check(String what, int result) throws IOException {
    if (result < 0) {
      throw new IOException(what + ": errno " + -result);
    }
    return result;
  }

  private static int result(MemorySegment errno, long r) {
    return r >= 0 ? (int) r : -(int) ERRNO.get(errno, 0L);
  }

  private static RuntimeException impossible(Throwable t) {
    if (t instanceof RuntimeException e) {
      return e;
    }
    if (t instanceof Error e) {
      throw e;
    }
    return new IllegalStateException(t);
  }
}
