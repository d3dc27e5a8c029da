package io.loomvisor.vfs.tty;

/**
 * VERASE, VWERASE and VKILL (drivers/tty/n_tty.c: eraser). State of one terminal, used in its
 * actor.
 */
final class Eraser {
  private static final int DELETE_COLUMNS = 2;

  private enum Kind {
    CHARACTER,
    WORD,
    LINE
  }

  private final InputBuffer input;
  private final OutputProcessor output;
  private final ByteQueue echo;

  /** ECHOPRT: a backslash has been echoed, and no slash yet. */
  private boolean printing;

  Eraser(InputBuffer input, OutputProcessor output, ByteQueue echo) {
    this.input = input;
    this.output = output;
    this.echo = echo;
  }

  /** Forgets that erased characters are being printed. */
  void end() {
    printing = false;
  }

  /** Something else than an erasure follows. */
  void finish(Termios t) {
    if (printing) {
      output.echoRaw(t, '/', echo);
      printing = false;
    }
  }

  /** {@code c} is one of the three characters. */
  void erase(Termios t, int c) {
    if (input.lineIsEmpty()) {
      return;
    }
    Kind kind =
        c == t.character(Termios.VERASE)
            ? Kind.CHARACTER
            : c == t.character(Termios.VWERASE) ? Kind.WORD : Kind.LINE;
    boolean visual = t.local(Termios.ECHOK) && t.local(Termios.ECHOKE) && t.local(Termios.ECHOE);
    if (kind == Kind.LINE && (!t.local(Termios.ECHO) || !visual)) {
      killAtOnce(t, c);
      return;
    }
    eraseBackwards(t, kind);
    if (input.lineIsEmpty() && t.local(Termios.ECHO)) {
      finish(t);
    }
  }

  private void killAtOnce(Termios t, int c) {
    input.truncate(input.lineEnd());
    if (t.local(Termios.ECHO)) {
      finish(t);
      output.echo(t, c, echo);
      if (t.local(Termios.ECHOK)) {
        output.echoRaw(t, '\n', echo);
      }
    }
  }

  private void eraseBackwards(Termios t, Kind kind) {
    boolean inWord = false;
    while (!input.lineIsEmpty()) {
      long start = characterStart(t);
      int c = input.at(start);
      if (Characters.isContinuation(c, t)) {
        return; // The beginning of this one is not in the line any more.
      }
      if (kind == Kind.WORD) {
        boolean wordCharacter = Characters.isAlphanumeric(c) || c == '_';
        if (inWord && !wordCharacter) {
          return;
        }
        inWord |= wordCharacter;
      }
      long end = input.head();
      input.truncate(start);
      if (t.local(Termios.ECHO)) {
        show(t, kind, start, end);
      }
      if (kind == Kind.CHARACTER) {
        return;
      }
    }
  }

  /** Where the last character begins, of several bytes with IUTF8. */
  private long characterStart(Termios t) {
    long p = input.head() - 1;
    while (p > input.lineEnd() && Characters.isContinuation(input.at(p), t)) {
      p--;
    }
    return p;
  }

  private void show(Termios t, Kind kind, long start, long end) {
    int c = input.at(start);
    if (t.local(Termios.ECHOPRT)) {
      print(t, start, end);
    } else if (kind == Kind.CHARACTER && !t.local(Termios.ECHOE)) {
      output.echo(t, t.character(Termios.VERASE), echo);
    } else if (c == '\t') {
      eraseTab(t);
    } else {
      int columns = !Characters.isControl(c) ? 1 : t.local(Termios.ECHOCTL) ? DELETE_COLUMNS : 0;
      for (int i = 0; i < columns; i++) {
        output.echoRaw(t, '\b', echo);
        output.echoRaw(t, ' ', echo);
        output.echoRaw(t, '\b', echo);
      }
    }
  }

  private void print(Termios t, long start, long end) {
    if (!printing) {
      output.echoRaw(t, '\\', echo);
      printing = true;
    }
    output.echo(t, input.at(start), echo);
    for (long p = start + 1; p < end; p++) {
      output.echoRaw(t, input.at(p), echo);
      output.moveBack();
    }
  }

  private void eraseTab(Termios t) {
    int width = 0;
    boolean afterTab = false;
    for (long p = input.head(); p > input.lineEnd() && !afterTab; ) {
      int c = input.at(--p);
      if (c == '\t') {
        afterTab = true;
      } else if (Characters.isControl(c)) {
        width += t.local(Termios.ECHOCTL) ? DELETE_COLUMNS : 0;
      } else if (!Characters.isContinuation(c, t)) {
        width++;
      }
    }
    output.eraseTab(width & 7, afterTab, echo);
  }
}
