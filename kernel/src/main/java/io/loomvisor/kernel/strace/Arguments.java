package io.loomvisor.kernel.strace;

import static io.loomvisor.kernel.strace.Argument.after;
import static io.loomvisor.kernel.strace.Argument.in;
import static io.loomvisor.kernel.strace.Argument.out;

import java.nio.ByteBuffer;

/**
 * The kinds of arguments beyond plain values: those that depend on other arguments, and structs in
 * either direction.
 */
final class Arguments {
  private static final int O_CREAT = 0100;
  private static final int O_TMPFILE = 020000000;
  private static final int F_GETLK = 5;
  private static final long NOTHING_LEFT_OUT = Long.MAX_VALUE;

  static final Argument OPEN_FLAGS = in((o, c, i) -> FileNames.appendOpenFlags(o, c.getInt(i)));

  /** The mode of open(2), after the flags; skipped by {@link #shown} when nothing is created. */
  static final Argument OPEN_MODE = Argument.MODE;

  static final Argument FILE_MODE = in((o, c, i) -> FileNames.appendMode(o, c.getInt(i)));
  static final Argument STAT = out((o, c, i) -> StructText.stat(o, c.memory(), c.get(i)));
  static final Argument STATX = out((o, c, i) -> StructText.statx(o, c.memory(), c.get(i)));
  static final Argument STRINGS = in((o, c, i) -> StructText.strings(o, c.memory(), c.get(i)));
  static final Argument ENVIRONMENT = in((o, c, i) -> StructText.count(o, c.memory(), c.get(i)));
  static final Argument PAIR = out((o, c, i) -> StructText.pair(o, c.memory(), c.get(i)));
  static final Argument INT_OUT = out((o, c, i) -> StructText.pointedInt(o, c.memory(), c.get(i)));
  static final Argument UNAME = out((o, c, i) -> StructText.uname(o, c.memory(), c.get(i)));
  static final Argument STRING_OUT = out((o, c, i) -> StructText.path(o, c.memory(), c.get(i)));
  static final Argument RANDOM_OUT =
      out(
          (o, c, i) -> {
            byte[] bytes = c.memory().read(c.get(i), (int) Math.min(c.result(), Quoted.CUT));
            Quoted.appendHex(o, bytes, c.result(), Quoted.CUT);
          });

  static final Argument DIRECTORY_ENTRIES =
      after(
          (o, c, i) -> {
            Argument.address(o, c.get(i));
            if (!c.failed()) {
              o.append(" /* ").append(entries(c, i)).append(" entries */");
            }
          });

  static final Argument VECTOR_IN =
      in((o, c, i) -> StructText.vector(o, c.memory(), c.get(i), c.get(i + 1), NOTHING_LEFT_OUT));
  static final Argument VECTOR_OUT =
      out((o, c, i) -> StructText.vector(o, c.memory(), c.get(i), c.get(i + 1), c.result()));

  static final Argument TIMESPEC =
      in((o, c, i) -> StructText.time(o, c.memory(), c.get(i), "tv_nsec"));
  static final Argument TIMESPEC_OUT =
      out((o, c, i) -> StructText.time(o, c.memory(), c.get(i), "tv_nsec"));
  static final Argument TIMEVAL =
      in((o, c, i) -> StructText.time(o, c.memory(), c.get(i), "tv_usec"));
  static final Argument TIMEVAL_OUT =
      out((o, c, i) -> StructText.time(o, c.memory(), c.get(i), "tv_usec"));
  static final Argument TIMESPECS = in((o, c, i) -> times(o, c.memory(), c.get(i), "tv_nsec"));
  static final Argument TIMEVALS = in((o, c, i) -> times(o, c.memory(), c.get(i), "tv_usec"));
  static final Argument ITIMERSPEC =
      in((o, c, i) -> StructText.interval(o, c.memory(), c.get(i), "tv_nsec"));
  static final Argument ITIMERSPEC_OUT =
      out((o, c, i) -> StructText.interval(o, c.memory(), c.get(i), "tv_nsec"));
  static final Argument ITIMERVAL =
      in((o, c, i) -> StructText.interval(o, c.memory(), c.get(i), "tv_usec"));
  static final Argument ITIMERVAL_OUT =
      out((o, c, i) -> StructText.interval(o, c.memory(), c.get(i), "tv_usec"));

  /**
   * What is left of a sleep is there only when a signal has cut it short (EINTR or a restart code).
   */
  static final Argument REMAINING =
      after(
          (o, c, i) -> {
            if (c.result() == -4 || c.result() == -516) {
              StructText.time(o, c.memory(), c.get(i), "tv_nsec");
            } else {
              Argument.address(o, c.get(i));
            }
          });

  static final Argument RESOURCE_LIMIT = in((o, c, i) -> StructText.limit(o, c.memory(), c.get(i)));
  static final Argument RESOURCE_LIMIT_OUT =
      out((o, c, i) -> StructText.limit(o, c.memory(), c.get(i)));

  static final Argument SIGNAL = in((o, c, i) -> SignalText.appendSignal(o, c.getInt(i)));
  static final Argument ACTION = in((o, c, i) -> SignalText.action(o, c.memory(), c.get(i)));
  static final Argument ACTION_OUT = out((o, c, i) -> SignalText.action(o, c.memory(), c.get(i)));
  static final Argument SIGNAL_SET = in((o, c, i) -> SignalText.set(o, c.memory(), c.get(i)));
  static final Argument SIGNAL_SET_OUT = out((o, c, i) -> SignalText.set(o, c.memory(), c.get(i)));
  static final Argument STACK = in((o, c, i) -> SignalText.stack(o, c.memory(), c.get(i)));
  static final Argument STACK_OUT = out((o, c, i) -> SignalText.stack(o, c.memory(), c.get(i)));
  static final Argument SIGNAL_INFO = in((o, c, i) -> SignalText.info(o, c.memory(), c.get(i)));
  static final Argument SIGNAL_INFO_OUT =
      out((o, c, i) -> SignalText.info(o, c.memory(), c.get(i)));

  static final Argument WAIT_STATUS =
      after(
          (o, c, i) -> {
            if (c.result() > 0) {
              SignalText.status(o, c.memory(), c.get(i));
            } else {
              Argument.address(o, c.get(i));
            }
          });

  static final Argument FUTEX_OPERATION = in((o, c, i) -> ProcessNames.appendFutex(o, c.getInt(i)));

  static final Argument FCNTL_ARGUMENT = after(Arguments::fcntl);
  static final Argument IOCTL_REQUEST = in((o, c, i) -> TerminalText.request(o, c.getInt(i)));
  static final Argument IOCTL_ARGUMENT = after(TerminalText::argument);

  static final Argument SOCKET_TYPE = in((o, c, i) -> SocketText.type(o, c.getInt(i)));
  static final Argument SOCKET_PROTOCOL =
      in((o, c, i) -> SocketText.protocol(o, c.getInt(i - 2), c.getInt(i)));
  static final Argument SOCKET_OPTION =
      in((o, c, i) -> SocketText.option(o, c.getInt(i - 1), c.getInt(i)));
  static final Argument SOCKET_ADDRESS =
      in((o, c, i) -> SocketText.address(o, c.memory(), c.get(i), c.getInt(i + 1)));

  /** The address that accept(2) and kin fill in, whose length stands behind the next argument. */
  static final Argument SOCKET_ADDRESS_OUT =
      out(
          (o, c, i) -> {
            ByteBuffer length = c.memory().struct(c.get(i + 1), 4);
            SocketText.address(o, c.memory(), c.get(i), length == null ? 0 : length.getInt(0));
          });

  static final Argument MESSAGE_IN =
      in((o, c, i) -> SocketText.message(o, c.memory(), c.get(i), NOTHING_LEFT_OUT));
  static final Argument MESSAGE_OUT =
      out((o, c, i) -> SocketText.message(o, c.memory(), c.get(i), c.result()));
  static final Argument OPTION_VALUE = in((o, c, i) -> optionValue(o, c, i, c.get(i + 1)));
  static final Argument OPTION_VALUE_OUT =
      out(
          (o, c, i) -> {
            ByteBuffer length = c.memory().struct(c.get(i + 1), 4);
            optionValue(o, c, i, length == null ? 0 : length.getInt(0));
          });

  static final Argument POLL_SET =
      in((o, c, i) -> SocketText.poll(o, c.memory(), c.get(i), c.get(i + 1)));
  static final Argument EPOLL_EVENT =
      in((o, c, i) -> SocketText.epoll(o, c.memory(), c.get(i), 1, false));
  static final Argument EPOLL_EVENTS =
      out((o, c, i) -> SocketText.epoll(o, c.memory(), c.get(i), c.result(), true));
  static final Argument FD_SET =
      in((o, c, i) -> SocketText.set(o, c.memory(), c.get(i), c.getInt(0)));

  static final Argument CLONE_ARGS =
      in((o, c, i) -> CloneText.struct(o, c.memory(), c.get(i), c.get(i + 1)));

  private Arguments() {}

  /**
   * How many of a call's {@code declared} arguments strace prints: open's mode only if something is
   * created.
   */
  static int shown(Signature signature, Call call) {
    int n = signature.arguments().size();
    for (int i = 1; i < n; i++) {
      if (signature.arguments().get(i) == OPEN_MODE
          && signature.arguments().get(i - 1) == OPEN_FLAGS
          && (call.getInt(i - 1) & (O_CREAT | O_TMPFILE)) == 0) {
        return i;
      }
      if (signature.arguments().get(i) == FCNTL_ARGUMENT && fcntlTakesNone(call.getInt(i - 1))) {
        return i;
      }
      if (signature.arguments().get(i) == IOCTL_ARGUMENT
          && call.get(i) == 0
          && !TerminalText.reads(call.getInt(i - 1))) {
        return n;
      }
    }
    return n;
  }

  private static boolean fcntlTakesNone(int command) {
    return switch (command) {
      case 1, 3, 9, 11, 1025, 1032, 1034 -> true;
      default -> false;
    };
  }

  private static void fcntl(StringBuilder out, Call call, int i) {
    long value = call.get(i);
    switch (call.getInt(i - 1)) {
      case 2 -> FileNames.FD_FLAGS.append(out, value);
      case 4 -> FileNames.appendOpenFlags(out, (int) value);
      case 1033 -> FileNames.SEALS.append(out, value);
      case F_GETLK, 6, 7, 36, 37, 38 -> lock(out, call, i);
      case 15, 16 -> Argument.address(out, value);
      case 10 -> SignalText.appendSignal(out, (int) value);
      default -> out.append((int) value);
    }
  }

  private static void lock(StringBuilder out, Call call, int i) {
    ByteBuffer b = call.memory().struct(call.get(i), 32);
    if (b == null) {
      Argument.address(out, call.get(i));
      return;
    }
    out.append("{l_type=");
    FileNames.LOCK_TYPE.append(out, b.getShort(0));
    out.append(", l_whence=");
    FileNames.WHENCE.append(out, b.getShort(2));
    out.append(", l_start=").append(b.getLong(8)).append(", l_len=").append(b.getLong(16));
    if (call.getInt(i - 1) == F_GETLK) {
      out.append(", l_pid=").append(b.getInt(24));
    }
    out.append('}');
  }

  private static void times(StringBuilder out, Peek memory, long address, String fraction) {
    ByteBuffer b = memory.struct(address, 32);
    if (b == null) {
      Argument.address(out, address);
      return;
    }
    out.append('[');
    for (int at = 0; at < 32; at += 16) {
      out.append(at == 0 ? "" : ", ");
      long nanos = b.getLong(at + 8);
      if (nanos == 0x3fffffff || nanos == 0x3ffffffe) {
        out.append(nanos == 0x3fffffff ? "UTIME_NOW" : "UTIME_OMIT");
      } else {
        StructText.time(out, b, at, fraction);
      }
    }
    out.append(']');
  }

  private static void optionValue(StringBuilder out, Call call, int i, long length) {
    if (length == 4) {
      StructText.pointedInt(out, call.memory(), call.get(i));
    } else {
      StructText.bytes(out, call.memory(), call.get(i), length);
    }
  }

  /** Number of linux_dirent64 records in the result; d_reclen is at 16. */
  private static int entries(Call call, int i) {
    int n = 0;
    ByteBuffer b = call.memory().struct(call.get(i), (int) Math.min(call.result(), Peek.LIMIT));
    for (int at = 0; b != null && at + 18 <= b.capacity(); n++) {
      int length = b.getShort(at + 16) & 0xffff;
      if (length == 0) {
        break;
      }
      at += length;
    }
    return n;
  }
}
