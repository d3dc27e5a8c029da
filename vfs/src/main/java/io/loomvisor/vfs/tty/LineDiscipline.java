package io.loomvisor.vfs.tty;

/**
 * What happens to each received character: editing of the line, echo, signals and flow control
 * (drivers/tty/n_tty.c, termios(3)). State of one terminal, used in its actor.
 */
final class LineDiscipline {
  /** What a character can cause beyond input and echo. */
  interface Effects {
    /** To the foreground process group. */
    void signal(TtySignal signal);

    /** Output that nobody has read yet is dropped. */
    void dropOutput();

    void stopOutput();

    void startOutput();

    boolean outputStopped();

    /** There is a line, or in raw mode a byte, to read. */
    void readable();
  }

  /** Echo that waits for stopped output; more is dropped. */
  private static final int MAX_ECHO = 4096;

  private final Effects effects;
  private final OutputProcessor output;
  private final ByteQueue echo = new ByteQueue();
  private final InputBuffer input = new InputBuffer();
  private final Eraser eraser;
  private Termios termios = Termios.INITIAL;
  private boolean literalNext;

  LineDiscipline(Effects effects, OutputProcessor output) {
    this.effects = effects;
    this.output = output;
    this.eraser = new Eraser(input, output, echo);
  }

  InputBuffer input() {
    return input;
  }

  /** Echo on its way to the output; whoever moves it there takes it out. */
  ByteQueue echo() {
    return echo;
  }

  Termios termios() {
    return termios;
  }

  /** Sets the attributes; the caller starts the output if IXON went. */
  void setTermios(Termios changed) {
    int difference = termios.local() ^ changed.local();
    termios = changed;
    if ((difference & (Termios.ICANON | Termios.EXTPROC)) != 0) {
      input.regroup(changed.local(Termios.ICANON));
      eraser.end();
      literalNext = false;
    }
  }

  /** TCIFLUSH, and signals without NOFLSH. */
  void dropInput() {
    input.clear();
    eraser.end();
    literalNext = false;
  }

  /** Back to the state of a fresh terminal. */
  void reset() {
    termios = Termios.INITIAL;
    echo.clear();
    output.reset();
    dropInput();
  }

  private boolean canonical() {
    return termios.local(Termios.ICANON) && !termios.local(Termios.EXTPROC);
  }

  /** Whether a read would find something: a line, or at least {@code least} bytes. */
  boolean available(int least) {
    return canonical() ? input.hasLine() : input.size() >= least;
  }

  /** Bytes for FIONREAD. */
  int readableBytes() {
    return canonical() ? input.lineBytes() : input.size();
  }

  /** Takes what one read of {@code max} bytes gets. */
  byte[] take(int max) {
    return canonical() ? input.takeLine(max) : input.take(max);
  }

  /**
   * Receives up to {@code length} bytes.
   *
   * @return how many; fewer if the input is full. An over-long line without an end is cut, not
   *     refused.
   */
  int receive(byte[] bytes, int offset, int length) {
    int taken = 0;
    while (taken < length && hasRoom()) {
      receive(bytes[offset + taken] & 0xff);
      taken++;
    }
    if (!canonical() && input.size() > 0) {
      effects.readable();
    }
    return taken;
  }

  private boolean hasRoom() {
    int room = termios.input(Termios.PARMRK) ? input.room() / 3 : input.room();
    if (room > 0) {
      return true;
    }
    boolean cut = canonical() && !input.hasLine();
    if (cut && room <= 0 && input.size() >= InputBuffer.SIZE) {
      input.truncate(input.head() - 1);
    }
    return cut;
  }

  private void receive(int received) {
    int c = received;
    if (termios.input(Termios.ISTRIP)) {
      c &= 0x7f;
    }
    if (termios.input(Termios.IUCLC) && termios.local(Termios.IEXTEN)) {
      c = Characters.toLower(c);
    }
    if (literalNext) {
      literalNext = false;
      ordinary(c, false);
    } else if (termios.local(Termios.EXTPROC)) {
      input.add(c);
    } else if (c == 0 || !flowControl(c) && !signal(c)) {
      restartByAny();
      mapped(c);
    }
  }

  private boolean is(int c, int index) {
    return c != 0 && c == termios.character(index);
  }

  private boolean extended(int c, int index) {
    return is(c, index) && termios.local(Termios.IEXTEN);
  }

  private boolean flowControl(int c) {
    if (!termios.input(Termios.IXON)) {
      return false;
    }
    if (is(c, Termios.VSTART)) {
      effects.startOutput();
      return true;
    }
    if (is(c, Termios.VSTOP)) {
      effects.stopOutput();
      return true;
    }
    return false;
  }

  private boolean signal(int c) {
    if (!termios.local(Termios.ISIG)) {
      return false;
    }
    if (is(c, Termios.VINTR)) {
      signal(c, TtySignal.SIGINT);
    } else if (is(c, Termios.VQUIT)) {
      signal(c, TtySignal.SIGQUIT);
    } else if (is(c, Termios.VSUSP)) {
      signal(c, TtySignal.SIGTSTP);
    } else {
      return false;
    }
    return true;
  }

  private void signal(int c, TtySignal signal) {
    effects.signal(signal);
    if (!termios.local(Termios.NOFLSH)) {
      echo.clear();
      effects.dropOutput();
      dropInput();
    }
    if (termios.input(Termios.IXON)) {
      effects.startOutput();
    }
    if (termios.local(Termios.ECHO)) {
      output.echo(termios, c, echo);
    }
  }

  private void restartByAny() {
    if (effects.outputStopped() && termios.input(Termios.IXON) && termios.input(Termios.IXANY)) {
      effects.startOutput();
    }
  }

  /** Carriage returns and newlines as ICRNL, INLCR and IGNCR have it, then on. */
  private void mapped(int received) {
    int c = received;
    if (c == '\r') {
      if (termios.input(Termios.IGNCR)) {
        return;
      }
      c = termios.input(Termios.ICRNL) ? '\n' : c;
    } else if (c == '\n' && termios.input(Termios.INLCR)) {
      c = '\r';
    }
    if (!canonical() || !edit(c)) {
      ordinary(c, received == '\r' && c == '\n');
    }
  }

  /** Canonical mode: true if {@code c} edited or ended the line. */
  private boolean edit(int c) {
    if (is(c, Termios.VERASE) || is(c, Termios.VKILL) || extended(c, Termios.VWERASE)) {
      eraser.erase(termios, c);
    } else if (extended(c, Termios.VLNEXT)) {
      quoteNext();
    } else if (extended(c, Termios.VREPRINT) && termios.local(Termios.ECHO)) {
      reprint(c);
    } else if (c == '\n') {
      if (termios.local(Termios.ECHO | Termios.ECHONL)) {
        output.echoRaw(termios, c, echo);
      }
      endLine(c);
    } else if (is(c, Termios.VEOF)) {
      endLine(InputBuffer.END_OF_FILE);
    } else if (is(c, Termios.VEOL) || extended(c, Termios.VEOL2)) {
      if (termios.local(Termios.ECHO)) {
        markLineStart();
        output.echo(termios, c, echo);
      }
      doubleMark(c);
      endLine(c);
    } else {
      return false;
    }
    return true;
  }

  private void quoteNext() {
    literalNext = true;
    if (termios.local(Termios.ECHO)) {
      eraser.finish(termios);
      if (termios.local(Termios.ECHOCTL)) {
        output.echoRaw(termios, '^', echo);
        output.echoRaw(termios, '\b', echo);
      }
    }
  }

  private void reprint(int c) {
    eraser.finish(termios);
    output.echo(termios, c, echo);
    output.echoRaw(termios, '\n', echo);
    for (long p = input.lineEnd(); p < input.head(); p++) {
      output.echo(termios, input.at(p), echo);
    }
  }

  private void endLine(int c) {
    input.addLineEnd(c);
    effects.readable();
  }

  /**
   * Echoed and put into the input.
   *
   * @param newline it is one by ICRNL, which is echoed as it is; others are shown as ^J
   */
  private void ordinary(int c, boolean newline) {
    if (termios.local(Termios.ECHO) && echo.size() < MAX_ECHO) {
      eraser.finish(termios);
      markLineStart();
      if (newline) {
        output.echoRaw(termios, c, echo);
      } else {
        output.echo(termios, c, echo);
      }
    }
    doubleMark(c);
    input.add(c);
  }

  private void markLineStart() {
    if (input.lineIsEmpty()) {
      output.markColumn();
    }
  }

  /** PARMRK: a byte 0377 that is data comes twice. */
  private void doubleMark(int c) {
    if (c == 0xff && termios.input(Termios.PARMRK)) {
      input.add(c);
    }
  }
}
