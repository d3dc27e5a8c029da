package io.loomvisor.vfs.tty;

/**
 * Output processing and the cursor column it keeps (drivers/tty/n_tty.c: do_output_char,
 * process_echoes). State of one terminal, used in its actor.
 */
final class OutputProcessor {
  private static final int TAB = 8;

  private final ByteQueue sink;
  private int column;

  /** The column in which the line being edited began. */
  private int canonColumn;

  OutputProcessor(ByteQueue sink) {
    this.sink = sink;
  }

  void reset() {
    column = 0;
    canonColumn = 0;
  }

  /** write(2) by the application. */
  void write(Termios t, byte[] bytes, int length) {
    if (!t.output(Termios.OPOST)) {
      sink.add(bytes, 0, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      put(t, bytes[i] & 0xff, sink);
    }
  }

  /** One character through output processing, to {@code out}. */
  void put(Termios t, int c, ByteQueue out) {
    switch (c) {
      case '\n' -> newline(t, out);
      case '\r' -> carriageReturn(t, out);
      case '\t' -> tab(t, out);
      case '\b' -> {
        column = Math.max(0, column - 1);
        out.add((byte) c);
      }
      default -> out.add((byte) printable(t, c));
    }
  }

  private void newline(Termios t, ByteQueue out) {
    if (t.output(Termios.ONLRET)) {
      column = 0;
    }
    if (t.output(Termios.ONLCR)) {
      column = 0;
      out.add((byte) '\r');
    }
    canonColumn = column;
    out.add((byte) '\n');
  }

  private void carriageReturn(Termios t, ByteQueue out) {
    if (t.output(Termios.ONOCR) && column == 0) {
      return;
    }
    boolean asNewline = t.output(Termios.OCRNL);
    if (!asNewline || t.output(Termios.ONLRET)) {
      column = 0;
      canonColumn = 0;
    }
    out.add((byte) (asNewline ? '\n' : '\r'));
  }

  private void tab(Termios t, ByteQueue out) {
    int spaces = TAB - (column & TAB - 1);
    column += spaces;
    if ((t.output() & Termios.TABDLY) != Termios.XTABS) {
      out.add((byte) '\t');
      return;
    }
    for (int i = 0; i < spaces; i++) {
      out.add((byte) ' ');
    }
  }

  private int printable(Termios t, int c) {
    if (Characters.isControl(c)) {
      return c;
    }
    if (!Characters.isContinuation(c, t)) {
      column++;
    }
    return t.output(Termios.OLCUC) ? Characters.toUpper(c) : c;
  }

  // ---------------------------------------------------------------- echo

  /** Echoes as output: with OPOST processed, without as it is. */
  void echoRaw(Termios t, int c, ByteQueue out) {
    if (t.output(Termios.OPOST)) {
      put(t, c, out);
    } else {
      out.add((byte) c);
    }
  }

  /** Echoes a control character as ^X if ECHOCTL says so, anything else as it is. */
  void echo(Termios t, int c, ByteQueue out) {
    if (t.local(Termios.ECHOCTL) && Characters.isControl(c) && c != '\t') {
      out.add((byte) '^');
      out.add((byte) (c ^ 0x40));
      column += 2;
    } else {
      echoRaw(t, c, out);
    }
  }

  /** The line being edited begins here. */
  void markColumn() {
    canonColumn = column;
  }

  void moveBack() {
    column = Math.max(0, column - 1);
  }

  /**
   * Goes back over a tab.
   *
   * @param width columns of what stands between the tab and the one before it, or the start of the
   *     line
   */
  void eraseTab(int width, boolean afterTab, ByteQueue out) {
    int start = afterTab ? width : width + canonColumn;
    int back = TAB - (start & TAB - 1);
    for (int i = 0; i < back; i++) {
      out.add((byte) '\b');
      moveBack();
    }
  }
}
