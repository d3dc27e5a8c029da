package io.loomvisor.gofer.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.host.HostCall.Scratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Host calls on descriptors that one already has. Nothing here takes a path or makes a socket.
 * Calls repeat on EINTR and throw {@link io.loomvisor.gofer.abi.LinuxException} with the host's
 * errno.
 */
public final class DescriptorCalls {
  /**
   * Most descriptors that {@link #receive} accepts in one message; more set {@link
   * Received#truncated}.
   */
  public static final int MAX_DESCRIPTORS = 8;

  public static final int POLLIN = 0x1;
  public static final int POLLHUP = 0x10;

  private static final int NR_CLOSE = 3;
  private static final int NR_FSTAT = 5;
  private static final int NR_LSEEK = 8;
  private static final int NR_PREAD64 = 17;
  private static final int NR_SENDMSG = 46;
  private static final int NR_RECVMSG = 47;
  private static final int NR_SHUTDOWN = 48;
  private static final int NR_SETSOCKOPT = 54;
  private static final int NR_FSYNC = 74;
  private static final int NR_FDATASYNC = 75;
  private static final int NR_FTRUNCATE = 77;
  private static final int NR_PPOLL = 271;
  private static final int NR_FALLOCATE = 285;
  private static final int NR_PWRITEV2 = 328;

  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int SCM_RIGHTS = 1;
  private static final int SHUT_WR = 1;
  private static final int SHUT_RDWR = 2;
  private static final int MSG_CTRUNC = 0x8;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  // struct msghdr: name 0, namelen 8, iov 16, iovlen 24, control 32, controllen 40, flags 48; iovec
  // and control follow it.
  private static final int IOVEC = 64;
  private static final int CONTROL = 128;
  // struct cmsghdr: len 0, level 8, type 12, data 16.
  private static final int CMSG_HEADER = 16;
  private static final int CONTROL_SIZE = CMSG_HEADER + (MAX_DESCRIPTORS * 4 + 7 & ~7);

  private DescriptorCalls() {}

  /**
   * One received message.
   *
   * @param length its bytes in the buffer; 0 is end of file
   * @param descriptors close-on-exec; the receiver owns them
   * @param truncated the message or its descriptors did not fit and the rest is lost
   */
  public record Received(int length, int[] descriptors, boolean truncated) {}

  private static final int[] NO_DESCRIPTORS = {};

  /**
   * Sends {@code length} bytes of native {@code buffer} as one message, with {@code descriptor}
   * unless that is -1.
   */
  public static void send(int socket, MemorySegment buffer, int length, int descriptor) {
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = header(scratch, buffer, length);
      if (descriptor >= 0) {
        m.set(ValueLayout.JAVA_LONG, CONTROL, CMSG_HEADER + 4);
        m.set(ValueLayout.JAVA_INT, CONTROL + 8, SOL_SOCKET);
        m.set(ValueLayout.JAVA_INT, CONTROL + 12, SCM_RIGHTS);
        m.set(ValueLayout.JAVA_LONG, CONTROL + 16, descriptor);
        m.set(ValueLayout.JAVA_LONG, 32, m.address() + CONTROL);
        m.set(ValueLayout.JAVA_LONG, 40, CMSG_HEADER + 8);
      }
      long n =
          check(HostCall.call(scratch, NR_SENDMSG, socket, m.address(), MSG_NOSIGNAL, 0, 0, 0));
      if (n != length) {
        throw Errno.EIO.exception();
      }
    } finally {
      scratch.give();
    }
  }

  /** As {@link #send}, with up to {@link #MAX_DESCRIPTORS} descriptors. */
  public static void sendAll(int socket, MemorySegment buffer, int length, int... descriptors) {
    if (descriptors.length > MAX_DESCRIPTORS) {
      throw Errno.EINVAL.exception();
    }
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = header(scratch, buffer, length);
      if (descriptors.length > 0) {
        long size = CMSG_HEADER + 4L * descriptors.length;
        m.set(ValueLayout.JAVA_LONG, CONTROL, size);
        m.set(ValueLayout.JAVA_INT, CONTROL + 8, SOL_SOCKET);
        m.set(ValueLayout.JAVA_INT, CONTROL + 12, SCM_RIGHTS);
        MemorySegment.copy(
            descriptors, 0, m, ValueLayout.JAVA_INT, CONTROL + CMSG_HEADER, descriptors.length);
        m.set(ValueLayout.JAVA_LONG, 32, m.address() + CONTROL);
        m.set(ValueLayout.JAVA_LONG, 40, size + 7 & ~7L);
      }
      long n =
          check(HostCall.call(scratch, NR_SENDMSG, socket, m.address(), MSG_NOSIGNAL, 0, 0, 0));
      if (n != length) {
        throw Errno.EIO.exception();
      }
    } finally {
      scratch.give();
    }
  }

  /** Waits for one message; EAGAIN after the time of {@link #setReceiveTimeout}. */
  public static Received receive(int socket, MemorySegment buffer) {
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = header(scratch, buffer, buffer.byteSize());
      m.set(ValueLayout.JAVA_LONG, 32, m.address() + CONTROL);
      m.set(ValueLayout.JAVA_LONG, 40, CONTROL_SIZE);
      int n =
          (int)
              check(
                  HostCall.call(
                      scratch, NR_RECVMSG, socket, m.address(), MSG_CMSG_CLOEXEC, 0, 0, 0));
      boolean truncated = (m.get(ValueLayout.JAVA_INT, 48) & (MSG_TRUNC | MSG_CTRUNC)) != 0;
      return new Received(n, descriptors(m), truncated);
    } finally {
      scratch.give();
    }
  }

  private static MemorySegment header(Scratch scratch, MemorySegment buffer, long length) {
    MemorySegment m = scratch.memory;
    m.asSlice(0, CONTROL + CONTROL_SIZE).fill((byte) 0);
    m.set(ValueLayout.JAVA_LONG, IOVEC, buffer.address());
    m.set(ValueLayout.JAVA_LONG, IOVEC + 8, length);
    m.set(ValueLayout.JAVA_LONG, 16, m.address() + IOVEC);
    m.set(ValueLayout.JAVA_LONG, 24, 1);
    return m;
  }

  private static int[] descriptors(MemorySegment m) {
    int[] found = NO_DESCRIPTORS;
    long end = CONTROL + m.get(ValueLayout.JAVA_LONG, 40);
    long at = CONTROL;
    while (at + CMSG_HEADER <= end) {
      long length = m.get(ValueLayout.JAVA_LONG, at);
      if (length < CMSG_HEADER || length > end - at) {
        break;
      }
      if (m.get(ValueLayout.JAVA_INT, at + 8) == SOL_SOCKET
          && m.get(ValueLayout.JAVA_INT, at + 12) == SCM_RIGHTS) {
        int count = (int) (length - CMSG_HEADER) / 4;
        int old = found.length;
        found = java.util.Arrays.copyOf(found, old + count);
        MemorySegment.copy(m, ValueLayout.JAVA_INT, at + CMSG_HEADER, found, old, count);
      }
      at += length + 7 & ~7L;
    }
    return found;
  }

  /**
   * Makes {@link #receive} give up with EAGAIN after {@code micros} microseconds (rounded up to a
   * tick); 0 never.
   */
  public static void setReceiveTimeout(int socket, int micros) {
    Scratch scratch = Scratch.take();
    try {
      scratch.memory.set(ValueLayout.JAVA_LONG, 0, micros / 1_000_000);
      scratch.memory.set(ValueLayout.JAVA_LONG, 8, micros % 1_000_000);
      check(
          HostCall.call(
              scratch,
              NR_SETSOCKOPT,
              socket,
              SOL_SOCKET,
              SO_RCVTIMEO,
              scratch.memory.address(),
              16,
              0));
    } finally {
      scratch.give();
    }
  }

  /**
   * Waits without limit until one of {@code events}, or an error or hang-up, holds on {@code fd};
   * returns which.
   */
  public static int poll(int fd, int events) {
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = scratch.memory;
      m.set(ValueLayout.JAVA_INT, 0, fd);
      m.set(ValueLayout.JAVA_INT, 4, events);
      check(HostCall.call(scratch, NR_PPOLL, m.address(), 1, 0, 0, 0, 0));
      return m.get(ValueLayout.JAVA_INT, 4) >>> 16;
    } finally {
      scratch.give();
    }
  }

  /** Ends both directions: everybody who waits on either end sees the end of file. */
  public static void shutdown(int socket) {
    HostCall.call(NR_SHUTDOWN, socket, SHUT_RDWR, 0, 0, 0, 0);
  }

  /** The other end sees the end of file when it has read what there is; reading goes on. */
  public static void shutdownOutput(int socket) {
    HostCall.call(NR_SHUTDOWN, socket, SHUT_WR, 0, 0, 0, 0);
  }

  /** Bytes read into native {@code target}; 0 at the end of the file. */
  public static long pread(int fd, MemorySegment target, long offset) {
    return check(HostCall.call(NR_PREAD64, fd, target.address(), target.byteSize(), offset, 0, 0));
  }

  /** Bytes written from native {@code source}. */
  public static long pwrite(int fd, MemorySegment source, long offset) {
    // Not pwrite64: the sentry's seccomp filter has pwritev2 in any case, for RWF_APPEND.
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = scratch.memory;
      m.set(ValueLayout.JAVA_LONG, 0, source.address());
      m.set(ValueLayout.JAVA_LONG, 8, source.byteSize());
      return check(HostCall.call(scratch, NR_PWRITEV2, fd, m.address(), 1, offset, 0, 0));
    } finally {
      scratch.give();
    }
  }

  public static void truncate(int fd, long size) {
    check(HostCall.call(NR_FTRUNCATE, fd, size, 0, 0, 0, 0));
  }

  public static void allocate(int fd, int mode, long offset, long length) {
    check(HostCall.call(NR_FALLOCATE, fd, mode, offset, length, 0, 0));
  }

  public static long seek(int fd, long offset, int whence) {
    return check(HostCall.call(NR_LSEEK, fd, offset, whence, 0, 0, 0));
  }

  public static void sync(int fd, boolean dataOnly) {
    check(HostCall.call(dataOnly ? NR_FDATASYNC : NR_FSYNC, fd, 0, 0, 0, 0, 0));
  }

  /** The st_mode of fstat(2): x86-64 struct stat has it at offset 24. */
  public static int mode(int fd) {
    Scratch scratch = Scratch.take();
    try {
      check(HostCall.call(scratch, NR_FSTAT, fd, scratch.memory.address(), 0, 0, 0, 0));
      return scratch.memory.get(ValueLayout.JAVA_INT, 24);
    } finally {
      scratch.give();
    }
  }

  /**
   * fstat(2), x86-64 struct stat. What it does not give is taken from {@code known}: device
   * numbers, inode, birth time.
   */
  public static FileStat stat(int fd, FileStat known) {
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = scratch.memory;
      check(HostCall.call(scratch, NR_FSTAT, fd, m.address(), 0, 0, 0, 0));
      return new FileStat(
          known.dev(),
          known.ino(),
          m.get(ValueLayout.JAVA_INT, 24),
          m.get(ValueLayout.JAVA_LONG, 16),
          m.get(ValueLayout.JAVA_INT, 28),
          m.get(ValueLayout.JAVA_INT, 32),
          known.rdev(),
          m.get(ValueLayout.JAVA_LONG, 48),
          (int) m.get(ValueLayout.JAVA_LONG, 56),
          m.get(ValueLayout.JAVA_LONG, 64),
          time(m, 72),
          time(m, 88),
          time(m, 104),
          known.btime());
    } finally {
      scratch.give();
    }
  }

  private static FileTime time(MemorySegment m, int offset) {
    return new FileTime(
        m.get(ValueLayout.JAVA_LONG, offset), (int) m.get(ValueLayout.JAVA_LONG, offset + 8));
  }

  /** Closes; an error is of no use to anybody, the descriptor is gone either way (close(2)). */
  public static void close(int fd) {
    HostCall.call(NR_CLOSE, fd, 0, 0, 0, 0, 0);
  }

  static long check(long result) {
    if (result < 0) {
      throw Errno.of((int) -result).exception();
    }
    return result;
  }
}
