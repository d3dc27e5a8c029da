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
 * The host calls of this module: read, write, ppoll, pipe2, close, open, ioctl, socket, bind and
 * setsockopt of libc, on file descriptors. Once a link stands it makes the first three alone.
 *
 * <p>Safe because every pointer passed is a bounds-checked {@link MemorySegment} of at least the
 * length passed beside it, and the kernel writes nowhere else.
 */
final class HostFd {
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int ENETDOWN = 100;
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
  private static final MethodHandle PPOLL =
      bind(
          "ppoll",
          FunctionDescriptor.of(
              INT, ValueLayout.ADDRESS, LONG, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
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

  private static final MethodHandle SOCKET =
      bind("socket", FunctionDescriptor.of(INT, INT, INT, INT));
  private static final MethodHandle BIND =
      bind("bind", FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, INT));
  private static final MethodHandle SETSOCKOPT =
      bind("setsockopt", FunctionDescriptor.of(INT, INT, INT, INT, ValueLayout.ADDRESS, INT));

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

  /**
   * Waits without a limit for one of {@code set}, an array of struct pollfd (8 bytes each). ppoll,
   * as poll(2) is not among the calls of a process that has locked itself in.
   */
  static int poll(MemorySegment errno, MemorySegment set) {
    MemorySegment none = MemorySegment.NULL;
    try {
      return result(errno, (int) PPOLL.invokeExact(errno, set, set.byteSize() / 8, none, none));
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

  static int socket(int domain, int type, int protocol) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = errnoIn(arena);
      int r;
      try {
        r = result(errno, (int) SOCKET.invokeExact(errno, domain, type, protocol));
      } catch (Throwable t) {
        throw impossible(t);
      }
      return check("socket", r);
    }
  }

  /** A negative errno if it fails. */
  static int bind(int fd, MemorySegment address) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = errnoIn(arena);
      return result(errno, (int) BIND.invokeExact(errno, fd, address, (int) address.byteSize()));
    } catch (Throwable t) {
      throw impossible(t);
    }
  }

  /** An option that is an int; a negative errno if it fails. */
  static int setsockopt(int fd, int level, int option, int value) {
    try (Arena arena = Arena.ofConfined()) {
      return setsockopt(fd, level, option, arena.allocateFrom(INT, value));
    }
  }

  /** An option that is a structure; a negative errno if it fails. */
  static int setsockopt(int fd, int level, int option, MemorySegment value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = errnoIn(arena);
      int size = (int) value.byteSize();
      return result(errno, (int) SETSOCKOPT.invokeExact(errno, fd, level, option, value, size));
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
