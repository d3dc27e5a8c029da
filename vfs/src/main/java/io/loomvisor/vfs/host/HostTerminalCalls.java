package io.loomvisor.vfs.host;

import io.loomvisor.gofer.host.StreamCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Terminal ioctls on a host descriptor (ioctl_tty(2)). Every request is given a buffer of exactly its struct's size. */
public final class HostTerminalCalls {
  /** sizeof(struct termios) of the kernel: four ints of flags, c_line, 19 control characters. */
  public static final int TERMIOS_SIZE = 36;

  private static final int WINSIZE_SIZE = 8;
  private static final int TCGETS = 0x5401;
  private static final int TCSETSW = 0x5403;
  private static final int TIOCGPGRP = 0x540F;
  private static final int TIOCGWINSZ = 0x5413;
  private static final int FIONREAD = 0x541B;

  private HostTerminalCalls() {}

  /** struct termios; ENOTTY if {@code fd} is no terminal. */
  public static byte[] attributes(int fd) {
    return get(fd, TCGETS, TERMIOS_SIZE);
  }

  /** Sets the attributes once the output is out. As a background job: the host stops the process with SIGTTOU. */
  public static void setAttributes(int fd, byte[] termios) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment m = arena.allocate(TERMIOS_SIZE, 8);
      m.copyFrom(MemorySegment.ofArray(Arrays.copyOf(termios, TERMIOS_SIZE)));
      StreamCalls.control(fd, TCSETSW, m);
    }
  }

  /** struct winsize. */
  public static byte[] windowSize(int fd) {
    return get(fd, TIOCGWINSZ, WINSIZE_SIZE);
  }

  /** The foreground process group, an int; ENOTTY if the terminal is not the caller's controlling one. */
  public static byte[] foregroundGroup(int fd) {
    return get(fd, TIOCGPGRP, Integer.BYTES);
  }

  /** Bytes that can be read at once, an int. Any kind of file that knows it. */
  static byte[] readable(int fd) {
    return get(fd, FIONREAD, Integer.BYTES);
  }

  private static byte[] get(int fd, int request, int size) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment m = arena.allocate(size, 8);
      StreamCalls.control(fd, request, m);
      return m.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }
  }
}
