package io.loomvisor.gofer.host;

import static io.loomvisor.gofer.host.DescriptorCalls.check;

import io.loomvisor.gofer.host.HostCall.Scratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Host calls that make, name and connect sockets: for a socket gofer, as a sentry's filter has none
 * of them. All sockets are non-blocking and close-on-exec. Errors are thrown.
 */
public final class SocketCalls {
  private static final int NR_FCNTL = 72;
  private static final int NR_IOCTL = 16;
  private static final int NR_SOCKET = 41;
  private static final int NR_CONNECT = 42;
  private static final int NR_BIND = 49;
  private static final int NR_LISTEN = 50;
  private static final int NR_GETSOCKNAME = 51;
  private static final int NR_GETPEERNAME = 52;
  private static final int NR_SETSOCKOPT = 54;
  private static final int NR_GETSOCKOPT = 55;
  private static final int NR_ACCEPT4 = 288;

  private static final int SOCK_NONBLOCK = 04000;
  private static final int SOCK_CLOEXEC = 02000000;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int ADDRESS_ROOM = 128;

  /** Where a length lies in scratch memory, before what it is the length of. */
  private static final int LENGTH = 0;

  private static final int DATA = 16;

  /** A connection and who is at its other end. */
  public record Accepted(int descriptor, byte[] peer) {}

  private SocketCalls() {}

  /** socket(2). */
  public static int create(int domain, int type, int protocol) {
    return (int)
        check(
            HostCall.call(
                NR_SOCKET, domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol, 0, 0, 0));
  }

  /** bind(2). */
  public static void bind(int fd, byte[] address) {
    withAddress(NR_BIND, fd, address);
  }

  /** connect(2). */
  public static void connect(int fd, byte[] address) {
    withAddress(NR_CONNECT, fd, address);
  }

  private static void withAddress(int number, int fd, byte[] address) {
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = scratch.memory;
      MemorySegment.copy(address, 0, m, ValueLayout.JAVA_BYTE, 0, address.length);
      check(HostCall.call(scratch, number, fd, m.address(), address.length, 0, 0, 0));
    } finally {
      scratch.give();
    }
  }

  /** listen(2). */
  public static void listen(int fd, int backlog) {
    check(HostCall.call(NR_LISTEN, fd, backlog, 0, 0, 0, 0));
  }

  /** accept4(2). */
  public static Accepted accept(int fd) {
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = scratch.memory;
      m.set(ValueLayout.JAVA_INT, LENGTH, ADDRESS_ROOM);
      int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
      long made =
          check(
              HostCall.call(scratch, NR_ACCEPT4, fd, m.address() + DATA, m.address(), flags, 0, 0));
      return new Accepted((int) made, taken(m, ADDRESS_ROOM));
    } finally {
      scratch.give();
    }
  }

  /** What a call has stored, and its length. */
  private static byte[] taken(MemorySegment m, int room) {
    int n = Math.clamp(m.get(ValueLayout.JAVA_INT, LENGTH), 0, room);
    byte[] bytes = new byte[n];
    MemorySegment.copy(m, ValueLayout.JAVA_BYTE, DATA, bytes, 0, n);
    return bytes;
  }

  /** getsockname(2) or getpeername(2). */
  public static byte[] name(int fd, boolean peer) {
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = scratch.memory;
      m.set(ValueLayout.JAVA_INT, LENGTH, ADDRESS_ROOM);
      int number = peer ? NR_GETPEERNAME : NR_GETSOCKNAME;
      check(HostCall.call(scratch, number, fd, m.address() + DATA, m.address(), 0, 0, 0));
      return taken(m, ADDRESS_ROOM);
    } finally {
      scratch.give();
    }
  }

  /** getsockopt(2); {@code room} fits into scratch memory. */
  public static byte[] option(int fd, int level, int option, int room) {
    java.util.Objects.checkFromIndexSize(DATA, room, Scratch.SIZE);
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = scratch.memory;
      m.asSlice(DATA, room).fill((byte) 0);
      m.set(ValueLayout.JAVA_INT, LENGTH, room);
      check(
          HostCall.call(
              scratch, NR_GETSOCKOPT, fd, level, option, m.address() + DATA, m.address(), 0));
      return taken(m, room);
    } finally {
      scratch.give();
    }
  }

  /** setsockopt(2); {@code value} fits into scratch memory. */
  public static void setOption(int fd, int level, int option, byte[] value) {
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = scratch.memory;
      MemorySegment.copy(value, 0, m, ValueLayout.JAVA_BYTE, 0, value.length);
      check(HostCall.call(scratch, NR_SETSOCKOPT, fd, level, option, m.address(), value.length, 0));
    } finally {
      scratch.give();
    }
  }

  /** ioctl(2) of a request that stores an int. */
  public static int query(int fd, int request) {
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = scratch.memory;
      m.set(ValueLayout.JAVA_INT, DATA, 0);
      check(
          HostCall.call(
              scratch, NR_IOCTL, fd, Integer.toUnsignedLong(request), m.address() + DATA, 0, 0, 0));
      return m.get(ValueLayout.JAVA_INT, DATA);
    } finally {
      scratch.give();
    }
  }

  /** A second descriptor of the same socket, to be given away. */
  public static int duplicate(int fd) {
    return (int) check(HostCall.call(NR_FCNTL, fd, F_DUPFD_CLOEXEC, 0, 0, 0, 0));
  }
}
