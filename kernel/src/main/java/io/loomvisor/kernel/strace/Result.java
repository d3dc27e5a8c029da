package io.loomvisor.kernel.strace;

import io.loomvisor.gofer.abi.Errno;

/** How what a syscall returns is printed. */
enum Result {
  /** A number. */
  NUMBER,
  /** An address. */
  ADDRESS,
  /** Permission bits, as umask(2) returns them. */
  OCTAL,
  /** Of fcntl(2): depends on the command. */
  FCNTL,
  /** A number of ready descriptors; 0 is a timeout. */
  READY,
  /** READY, then which of them (poll(2)). */
  POLLED,
  /** READY, then the sets (select(2)). */
  SELECTED;

  void append(StringBuilder out, Call call) {
    long r = call.result();
    if (call.failed()) {
      failure(out, (int) -r);
      return;
    }
    switch (this) {
      case NUMBER -> out.append(r);
      case ADDRESS -> Argument.address(out, r);
      case OCTAL -> StructText.octal(out, r);
      case FCNTL -> fcntl(out, call);
      case READY, POLLED, SELECTED -> ready(out, call);
    }
  }

  /** -1 ENOENT (No such file or directory); what restarts is no result yet. */
  private static void failure(StringBuilder out, int number) {
    switch (number) {
      case 512 -> out.append("? ERESTARTSYS (To be restarted if SA_RESTART is set)");
      case 513 -> out.append("? ERESTARTNOINTR (To be restarted)");
      case 514 -> out.append("? ERESTARTNOHAND (To be restarted if no handler)");
      case 516 -> out.append("? ERESTART_RESTARTBLOCK (Interrupted by signal)");
      default -> {
        Errno errno = Errno.of(number);
        out.append("-1 ").append(errno.name()).append(" (").append(errno.text()).append(')');
      }
    }
  }

  private static void fcntl(StringBuilder out, Call call) {
    long r = call.result();
    int command = call.getInt(1);
    if (command == 3) {
      out.append(r == 0 ? "0" : "0x" + Long.toHexString(r)).append(" (flags ");
      FileNames.appendOpenFlags(out, (int) r);
      out.append(')');
    } else if (command == 1 && r != 0) {
      out.append("0x").append(Long.toHexString(r)).append(" (flags ");
      FileNames.FD_FLAGS.append(out, r);
      out.append(')');
    } else {
      out.append(r);
    }
  }

  private void ready(StringBuilder out, Call call) {
    out.append(call.result());
    if (call.result() == 0) {
      out.append(this == READY ? "" : " (Timeout)");
    } else if (this == POLLED) {
      SocketText.polled(out, call.memory(), call.get(0), call.get(1));
    } else if (this == SELECTED) {
      String separator = " (";
      String[] names = {"in", "out", "except"};
      for (int i = 0; i < names.length; i++) {
        StringBuilder set = new StringBuilder();
        if (call.get(i + 1) != 0) {
          SocketText.set(set, call.memory(), call.get(i + 1), call.getInt(0));
        }
        if (set.length() > 2) {
          out.append(separator).append(names[i]).append(' ').append(set);
          separator = ", ";
        }
      }
      out.append(separator.equals(", ") ? ")" : "");
    }
  }
}
