package io.loomvisor.kernel.strace;

import java.nio.ByteBuffer;

/**
 * clone(2), whose arguments strace prints by name and as the flags need them, and clone3(2)'s
 * struct.
 */
final class CloneText {
  private static final long CSIGNAL = 0xff;
  private static final long SETTLS = 0x80000;
  private static final long PARENT_SETTID = 0x100000;
  private static final long CHILD_IDS = 0x200000 | 0x1000000;
  private static final int CLONE_ARGS_SIZE = 64;

  private CloneText() {}

  /** child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f…. */
  static void clone(StringBuilder out, Call call) {
    long flags = call.get(0);
    out.append("child_stack=");
    Argument.address(out, call.get(1));
    out.append(", flags=");
    appendFlags(out, flags & ~CSIGNAL, (int) (flags & CSIGNAL));
    if ((flags & PARENT_SETTID) != 0) {
      out.append(", parent_tid=");
      Argument.address(out, call.get(2));
    }
    if ((flags & SETTLS) != 0) {
      out.append(", tls=");
      Argument.address(out, call.get(4));
    }
    if ((flags & CHILD_IDS) != 0) {
      out.append(", child_tidptr=");
      Argument.address(out, call.get(3));
    }
  }

  private static void appendFlags(StringBuilder out, long flags, int signal) {
    if (flags != 0) {
      ProcessNames.CLONE.append(out, flags);
    }
    if (signal != 0) {
      out.append(flags != 0 ? "|" : "");
      SignalText.appendSignal(out, signal);
    } else if (flags == 0) {
      out.append('0');
    }
  }

  /**
   * struct clone_args: flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls.
   */
  static void struct(StringBuilder out, Peek memory, long address, long size) {
    ByteBuffer b = size < CLONE_ARGS_SIZE ? null : memory.struct(address, CLONE_ARGS_SIZE);
    if (b == null) {
      Argument.address(out, address);
      return;
    }
    long flags = b.getLong(0);
    out.append("{flags=");
    ProcessNames.CLONE.append(out, flags);
    if ((flags & CHILD_IDS) != 0) {
      out.append(", child_tid=");
      Argument.address(out, b.getLong(16));
    }
    if ((flags & PARENT_SETTID) != 0) {
      out.append(", parent_tid=");
      Argument.address(out, b.getLong(24));
    }
    out.append(", exit_signal=");
    SignalText.appendSignal(out, (int) b.getLong(32));
    out.append(", stack=");
    Argument.address(out, b.getLong(40));
    out.append(", stack_size=");
    out.append(b.getLong(48) == 0 ? "0" : "0x" + Long.toHexString(b.getLong(48)));
    if ((flags & SETTLS) != 0) {
      out.append(", tls=");
      Argument.address(out, b.getLong(56));
    }
    out.append('}');
  }
}
