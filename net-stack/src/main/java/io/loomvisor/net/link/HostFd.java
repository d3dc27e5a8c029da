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
 * <p>Safe because every pointer passed is the address of a native {@link MemorySegment}, which the
 * caller keeps for the duration of the call, with a length no larger than the segment's beside it,
 * and the kernel writes nowhere else.
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
  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;

  /**
   * Every function is called with seven longs, of which it takes as many as it has parameters (the
   * System V calling convention). One type of call for all of them, and the one that the gofer
   * protocol and the KVM platform have: the JDK spins some thirty classes for each further type,
   * which costs a starting sandbox milliseconds.
   */
  private static final MethodHandle CALL =
      LINKER.downcallHandle(
          FunctionDescriptor.of(WORD, WORD, WORD, WORD, WORD, WORD, WORD, WORD),
          Linker.Option.captureCallState("errno"));

  private static final MemorySegment READ = LIBC.findOrThrow("read");
  private static final MemorySegment WRITE = LIBC.findOrThrow("write");
  private static final MemorySegment PPOLL = LIBC.findOrThrow("ppoll");
  private static final MemorySegment PIPE2 = LIBC.findOrThrow("pipe2");
  private static final MemorySegment CLOSE = LIBC.findOrThrow("close");
  private static final MemorySegment OPEN = LIBC.findOrThrow("open");
  private static final MemorySegment IOCTL = LIBC.findOrThrow("ioctl");
  private static final MemorySegment SOCKET = LIBC.findOrThrow("socket");
  private static final MemorySegment BIND = LIBC.findOrThrow("bind");
  private static final MemorySegment SETSOCKOPT = LIBC.findOrThrow("setsockopt");

  private HostFd() {}

  /** The result, or a negative errno. */
  private static int call(
      MemorySegment errno, MemorySegment function, long a, long b, long c, long d, long e) {
    try {
      int r = (int) (long) CALL.invokeExact(function, errno, a, b, c, d, e, 0L, 0L);
      return r >= 0 ? r : -(int) ERRNO.get(errno, 0L);
    } catch (Throwable t) {
      throw impossible(t);
    }
  }

  private static long address(MemorySegment memory) {
    if (!memory.isNative()) {
      throw new IllegalArgumentException("memory of the heap");
    }
    return memory.address();
  }

  /** Memory for the errno of one thread's calls. */
  static MemorySegment errnoIn(Arena arena) {
    return arena.allocate(ERRNO_LAYOUT);
  }

  /** Bytes read, or a negative errno. */
  static int read(MemorySegment errno, int fd, MemorySegment to) {
    return call(errno, READ, fd, address(to), to.byteSize(), 0, 0);
  }

  static int write(MemorySegment errno, int fd, MemorySegment from, long length) {
    if (length > from.byteSize()) {
      throw new IndexOutOfBoundsException();
    }
    return call(errno, WRITE, fd, address(from), length, 0, 0);
  }

  /**
   * Waits without a limit for one of {@code set}, an array of struct pollfd (8 bytes each). ppoll,
   * as poll(2) is not among the calls of a process that has locked itself in.
   */
  static int poll(MemorySegment errno, MemorySegment set) {
    return call(errno, PPOLL, address(set), set.byteSize() / 8, 0, 0, 0);
  }

  static int[] pipe() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment fds = arena.allocate(INT, 2);
      check("pipe2", call(errnoIn(arena), PIPE2, fds.address(), O_CLOEXEC | O_NONBLOCK, 0, 0, 0));
      return new int[] {fds.getAtIndex(INT, 0), fds.getAtIndex(INT, 1)};
    }
  }

  /** The descriptor is gone whatever close(2) says, so there is nothing to do about an error. */
  static void close(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      call(errnoIn(arena), CLOSE, fd, 0, 0, 0, 0);
    }
  }

  static int open(String path, int flags) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long name = arena.allocateFrom(path).address();
      return check("open " + path, call(errnoIn(arena), OPEN, name, flags, 0, 0, 0));
    }
  }

  static int ioctl(int fd, long request, MemorySegment argument) {
    try (Arena arena = Arena.ofConfined()) {
      return call(errnoIn(arena), IOCTL, fd, request, address(argument), 0, 0);
    }
  }

  static int socket(int domain, int type, int protocol) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return check("socket", call(errnoIn(arena), SOCKET, domain, type, protocol, 0, 0));
    }
  }

  /** A negative errno if it fails. */
  static int bind(int fd, MemorySegment address) {
    try (Arena arena = Arena.ofConfined()) {
      return call(errnoIn(arena), BIND, fd, address(address), address.byteSize(), 0, 0);
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
      long size = value.byteSize();
      return call(errnoIn(arena), SETSOCKOPT, fd, level, option, address(value), size);
    }
  }

  static int check(String what, int result) throws IOException {
    if (result < 0) {
      throw new IOException(what + ": errno " + -result);
    }
    return result;
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
