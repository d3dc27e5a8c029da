package io.loomvisor.gofer.host;

import static io.loomvisor.gofer.host.DescriptorCalls.check;

import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.host.HostCall.Scratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Host calls on the standard streams that the sentry was started with, and on the event descriptor
 * that wakes their watcher. As {@link DescriptorCalls}: descriptors only, no path, no socket is
 * made, errors are thrown.
 */
public final class StreamCalls {
  public static final int POLLIN = 0x1;
  public static final int POLLOUT = 0x4;
  public static final int POLLERR = 0x8;
  public static final int POLLHUP = 0x10;
  public static final int POLLNVAL = 0x20;

  /** sizeof(struct pollfd): int fd 0, short events 4, short revents 6. */
  public static final int POLLFD_SIZE = 8;

  private static final int NR_READ = 0;
  private static final int NR_WRITE = 1;
  private static final int NR_FSTAT = 5;
  private static final int NR_IOCTL = 16;
  private static final int NR_FCNTL = 72;
  private static final int NR_GETPGRP = 111;
  private static final int NR_PPOLL = 271;
  private static final int NR_EVENTFD2 = 290;
  private static final int NR_DUP3 = 292;
  private static final int NR_PREADV2 = 327;
  private static final int NR_PWRITEV2 = 328;

  private static final int F_GETFL = 3;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int EFD_CLOEXEC = 02000000;
  private static final int EFD_NONBLOCK = 04000;
  private static final int RWF_NOWAIT = 8;
  private static final int RWF_APPEND = 16;

  /** Asked for while a seccomp filter is not yet there. */
  private static final int PROCESS_GROUP = (int) check(HostCall.call(NR_GETPGRP, 0, 0, 0, 0, 0, 0));

  private StreamCalls() {}

  /** read(2) into native {@code target}. */
  public static int read(int fd, MemorySegment target) {
    return (int) check(HostCall.call(NR_READ, fd, target.address(), target.byteSize(), 0, 0, 0));
  }

  /**
   * As {@link #read}, but EAGAIN instead of waiting; EOPNOTSUPP if the file cannot promise that.
   */
  public static int readNoWait(int fd, MemorySegment target) {
    return (int) vector(NR_PREADV2, fd, target, RWF_NOWAIT);
  }

  /** write(2) of native {@code source}. */
  public static int write(int fd, MemorySegment source) {
    return (int) check(HostCall.call(NR_WRITE, fd, source.address(), source.byteSize(), 0, 0, 0));
  }

  /** Writes at the end whatever the host's O_APPEND says, and moves the file position there. */
  public static int append(int fd, MemorySegment source) {
    return (int) vector(NR_PWRITEV2, fd, source, RWF_APPEND);
  }

  /**
   * One buffer, at the file position. The struct iovec (base 0, length 8) is the call's scratch
   * memory.
   */
  private static long vector(int number, int fd, MemorySegment buffer, int flags) {
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = scratch.memory;
      m.set(ValueLayout.JAVA_LONG, 0, buffer.address());
      m.set(ValueLayout.JAVA_LONG, 8, buffer.byteSize());
      return check(HostCall.call(scratch, number, fd, m.address(), 1, -1, -1, flags));
    } finally {
      scratch.give();
    }
  }

  /**
   * Which of {@code events} hold now on {@code fd}; errors and hang-up are always told. Does not
   * wait.
   */
  public static int ready(int fd, int events) {
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = scratch.memory;
      m.set(ValueLayout.JAVA_INT, 0, fd);
      m.set(ValueLayout.JAVA_INT, 4, events & 0xffff);
      m.set(ValueLayout.JAVA_LONG, 16, 0);
      m.set(ValueLayout.JAVA_LONG, 24, 0);
      check(HostCall.call(scratch, NR_PPOLL, m.address(), 1, m.address() + 16, 0, 0, 0));
      return m.get(ValueLayout.JAVA_SHORT, 6) & 0xffff;
    } finally {
      scratch.give();
    }
  }

  /**
   * Waits without limit for any of {@code count} struct pollfd in native {@code set}; how many have
   * events.
   */
  public static int poll(MemorySegment set, int count) {
    java.util.Objects.checkFromIndexSize(0, (long) count * POLLFD_SIZE, set.byteSize());
    return (int) check(HostCall.call(NR_PPOLL, set.address(), count, 0, 0, 0, 0));
  }

  /** A non-blocking event counter, close-on-exec (eventfd(2)). */
  public static int eventDescriptor() {
    return (int) check(HostCall.call(NR_EVENTFD2, 0, EFD_CLOEXEC | EFD_NONBLOCK, 0, 0, 0, 0));
  }

  /** Access mode and status flags (F_GETFL). */
  public static int flags(int fd) {
    return (int) check(HostCall.call(NR_FCNTL, fd, F_GETFL, 0, 0, 0, 0));
  }

  /** A second descriptor of the same open file, at least {@code lowest}, close-on-exec. */
  public static int duplicate(int fd, int lowest) {
    return (int) check(HostCall.call(NR_FCNTL, fd, F_DUPFD_CLOEXEC, lowest, 0, 0, 0));
  }

  /** Makes {@code to} another descriptor of {@code from}; not close-on-exec. */
  public static void duplicateTo(int from, int to) {
    check(HostCall.call(NR_DUP3, from, to, 0, 0, 0, 0));
  }

  /**
   * The process group of this process, which does not change: setpgid(2) is refused after
   * execve(2).
   */
  public static int processGroup() {
    return PROCESS_GROUP;
  }

  /**
   * ioctl(2) with a pointer to native {@code argument}. The caller knows that the request touches
   * no more bytes than that.
   */
  public static long control(int fd, int request, MemorySegment argument) {
    return check(
        HostCall.call(NR_IOCTL, fd, Integer.toUnsignedLong(request), argument.address(), 0, 0, 0));
  }

  /**
   * fstat(2). x86-64 struct stat: dev 0, ino 8, nlink 16, mode 24, uid 28, gid 32, rdev 40, size
   * 48, blksize 56, blocks 64, atime 72, mtime 88, ctime 104.
   */
  public static FileStat stat(int fd) {
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = scratch.memory;
      check(HostCall.call(scratch, NR_FSTAT, fd, m.address(), 0, 0, 0, 0));
      return new FileStat(
          m.get(ValueLayout.JAVA_LONG, 0),
          m.get(ValueLayout.JAVA_LONG, 8),
          m.get(ValueLayout.JAVA_INT, 24),
          m.get(ValueLayout.JAVA_LONG, 16),
          m.get(ValueLayout.JAVA_INT, 28),
          m.get(ValueLayout.JAVA_INT, 32),
          m.get(ValueLayout.JAVA_LONG, 40),
          m.get(ValueLayout.JAVA_LONG, 48),
          (int) m.get(ValueLayout.JAVA_LONG, 56),
          m.get(ValueLayout.JAVA_LONG, 64),
          time(m, 72),
          time(m, 88),
          time(m, 104),
          FileTime.EPOCH);
    } finally {
      scratch.give();
    }
  }

  private static FileTime time(MemorySegment m, int offset) {
    return new FileTime(
        m.get(ValueLayout.JAVA_LONG, offset), (int) m.get(ValueLayout.JAVA_LONG, offset + 8));
  }
}
