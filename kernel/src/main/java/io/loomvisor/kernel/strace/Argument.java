package io.loomvisor.kernel.strace;

/**
 * How one argument of a syscall is printed.
 *
 * @param atExit whether it is what the syscall writes, so that it can be printed only when that has
 *     returned
 */
record Argument(boolean atExit, Printer printer) {
  /** Appends argument {@code index} of {@code call}. */
  @FunctionalInterface
  interface Printer {
    void print(StringBuilder out, Call call, int index);
  }

  /** Something that the application passes in. */
  static Argument in(Printer printer) {
    return new Argument(false, printer);
  }

  /** Something that the syscall fills in: an address if it failed. */
  static Argument out(Printer printer) {
    return new Argument(
        true,
        (out, call, i) -> {
          if (call.failed()) {
            address(out, call.get(i));
          } else {
            printer.print(out, call, i);
          }
        });
  }

  /** Printed after the return, be it a failure or not. */
  static Argument after(Printer printer) {
    return new Argument(true, printer);
  }

  /** A value by name. */
  static Argument named(Names names) {
    return in((out, call, i) -> names.append(out, call.get(i) & 0xffffffffL));
  }

  static void address(StringBuilder out, long value) {
    if (value == 0) {
      out.append("NULL");
    } else {
      out.append("0x").append(Long.toHexString(value));
    }
  }

  /** A C int. */
  static final Argument INT = in((out, call, i) -> out.append(call.getInt(i)));

  /** An unsigned C int. */
  static final Argument UNSIGNED =
      in((out, call, i) -> out.append(Integer.toUnsignedString(call.getInt(i))));

  /** size_t. */
  static final Argument SIZE = in((out, call, i) -> out.append(Long.toUnsignedString(call.get(i))));

  /** off_t, ssize_t, long. */
  static final Argument LONG = in((out, call, i) -> out.append(call.get(i)));

  /** A pointer whose target is not shown. */
  static final Argument ADDRESS = in((out, call, i) -> address(out, call.get(i)));

  /** Bits without names; zero is plain. */
  static final Argument HEX =
      in(
          (out, call, i) ->
              out.append(call.get(i) == 0 ? "0" : "0x" + Long.toHexString(call.get(i))));

  /** C int in hexadecimal; zero is plain. */
  static final Argument HEX_INT =
      in(
          (out, call, i) ->
              out.append(call.getInt(i) == 0 ? "0" : "0x" + Integer.toHexString(call.getInt(i))));

  /** A file mode's permission bits. */
  static final Argument MODE = in((out, call, i) -> StructText.octal(out, call.get(i) & 0xffff));

  /** A path or other string that ends with NUL; paths are not cut. */
  static final Argument PATH =
      in((out, call, i) -> StructText.path(out, call.memory(), call.get(i)));

  /** A string that is no path: cut. */
  static final Argument STRING =
      in((out, call, i) -> StructText.string(out, call.memory(), call.get(i)));

  /** A directory descriptor. */
  static final Argument DIRECTORY =
      in(
          (out, call, i) ->
              out.append(call.getInt(i) == -100 ? "AT_FDCWD" : Integer.toString(call.getInt(i))));

  /** Bytes passed in; the next argument is their number. */
  static final Argument BYTES_IN =
      in((out, call, i) -> StructText.bytes(out, call.memory(), call.get(i), call.get(i + 1)));

  /** Bytes filled in; the result is their number. */
  static final Argument BYTES_OUT =
      out((out, call, i) -> StructText.bytes(out, call.memory(), call.get(i), call.result()));
}
