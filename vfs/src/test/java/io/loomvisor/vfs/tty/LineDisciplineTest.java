package io.loomvisor.vfs.tty;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is typed against what is read and what is echoed. The same table ran on Linux as
 * tty/canonical.c.
 */
class LineDisciplineTest {
  private final ByteQueue output = new ByteQueue();
  private final Recorder effects = new Recorder();
  private final LineDiscipline discipline =
      new LineDiscipline(effects, new OutputProcessor(output));

  private static final class Recorder implements LineDiscipline.Effects {
    final List<String> seen = new ArrayList<>();
    boolean stopped;

    @Override
    public void signal(TtySignal signal) {
      seen.add(signal.name());
    }

    @Override
    public void dropOutput() {
      seen.add("drop");
    }

    @Override
    public void stopOutput() {
      stopped = true;
      seen.add("stop");
    }

    @Override
    public void startOutput() {
      if (stopped) {
        stopped = false;
        seen.add("start");
      }
    }

    @Override
    public boolean outputStopped() {
      return stopped;
    }

    @Override
    public void readable() {}
  }

  private void mode(int inputSet, int inputClear, int localSet, int localClear) {
    Termios t = Termios.INITIAL;
    discipline.setTermios(
        new Termios(
            t.input() & ~inputClear | inputSet,
            t.output(),
            t.control(),
            t.local() & ~localClear | localSet,
            t.discipline(),
            t.controls(),
            t.inputSpeed(),
            t.outputSpeed()));
  }

  /** Types {@code keys}, where ^X is the control character X and ^? is DEL. */
  private void type(String keys) {
    byte[] typed = bytes(keys);
    assertEquals(typed.length, discipline.receive(typed, 0, typed.length));
  }

  private static byte[] bytes(String keys) {
    StringBuilder b = new StringBuilder();
    for (int i = 0; i < keys.length(); i++) {
      char c = keys.charAt(i);
      b.append(c == '^' ? (char) (keys.charAt(++i) ^ 0x40) : c);
    }
    return b.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Control characters as ^X, and a caret as ~. */
  private static String text(byte[] bytes) {
    StringBuilder b = new StringBuilder();
    for (byte c : bytes) {
      int v = c & 0xff;
      b.append(
          v < ' ' || v == 127
              ? "^" + (char) (v ^ 0x40)
              : v == '^' ? "~" : String.valueOf((char) v));
    }
    return b.toString();
  }

  private String read() {
    StringBuilder lines = new StringBuilder();
    while (discipline.available(1)) {
      lines.append('[').append(text(discipline.take(100))).append(']');
    }
    return lines.toString();
  }

  private String echoed() {
    ByteQueue echo = discipline.echo();
    return text(echo.take(echo.size()));
  }

  @ParameterizedTest
  @CsvSource({
    "hello^M, [hello^J], hello^M^J",
    "a^Jb^J, [a^J][b^J], a^M^Jb^M^J",
    "abc, '', abc",
    "abcd^?^?x^J, [abx^J], abcd^H ^H^H ^Hx^M^J",
    "a^?^?^?b^J, [b^J], a^H ^Hb^M^J",
    "'one two,three^Wx^J', '[one two,x^J]', 'one two,three^H ^H^H ^H^H ^H^H ^H^H ^Hx^M^J'",
    "ab^Uc^J, [c^J], ab^H ^H^H ^Hc^M^J",
    "a^Ab^J, [a^Ab^J], a~Ab^M^J",
    "a^A^?b^J, [ab^J], a~A^H ^H^H ^Hb^M^J",
    "ab^Ic^?^?d^J, [abd^J], ab^Ic^H ^H^H^H^H^H^H^Hd^M^J",
    "abc^Rd^J, [abcd^J], abc~R^M^Jabcd^M^J",
    "a^V^Cb^J, [a^Cb^J], a~^H~Cb^M^J",
    "^D, [], ''",
    "abc^D, [abc], abc",
    "abc^D^D, [abc][], abc",
  })
  void editing(String keys, String read, String echo) {
    type(keys);
    assertEquals(read, read());
    assertEquals(echo, echoed());
  }

  @Test
  void signalsDropWhatWasTyped() {
    type("abc^Cdef^J");
    assertEquals(List.of("SIGINT", "drop"), effects.seen);
    assertEquals("[def^J]", read());
    effects.seen.clear();
    mode(0, 0, Termios.NOFLSH, 0);
    type("abc^\\def^Z^J");
    assertEquals(List.of("SIGQUIT", "SIGTSTP"), effects.seen);
    assertEquals("[abcdef^J]", read());
  }

  @Test
  void flowControlStopsAndStarts() {
    type("a^Sb^Qc^J");
    assertEquals(List.of("stop", "start"), effects.seen);
    assertEquals("[abc^J]", read());
    mode(Termios.IXANY, 0, 0, 0);
    type("^Sx");
    assertEquals(List.of("stop", "start", "stop", "start"), effects.seen);
  }

  @Test
  void rawModeGivesBytesAsTheyCome() {
    mode(0, Termios.ICRNL | Termios.IXON, 0, Termios.ICANON | Termios.ISIG);
    type("a^M^C^?^D");
    assertEquals("[a^M^C^?^D]", read());
    assertEquals("a~M~C~?~D", echoed());
    assertEquals(List.of(), effects.seen);
  }

  @Test
  void multibyteCharactersAreErasedWhole() {
    mode(Termios.IUTF8, 0, 0, 0);
    byte[] typed = "aä€\177\177b\n".getBytes(StandardCharsets.UTF_8);
    discipline.receive(typed, 0, typed.length);
    assertEquals("[ab^J]", read());
  }

  @Test
  void aReadThatEndsWithTheLineTakesTheEndOfFileToo() {
    type("abc^Dd^J");
    assertEquals("abc", text(discipline.take(3)));
    assertEquals("d^J", text(discipline.take(3)));
  }

  @Test
  void anOverLongLineIsCutAndStillEnds() {
    mode(0, 0, 0, Termios.ECHO);
    byte[] typed = new byte[6000];
    java.util.Arrays.fill(typed, (byte) 'x');
    typed[5999] = '\n';
    assertEquals(6000, discipline.receive(typed, 0, typed.length));
    byte[] line = discipline.take(8192);
    assertEquals(4096, line.length);
    assertEquals('\n', line[4095]);
  }

  @Test
  void aFullBufferOfLinesTakesNoMoreUntilRead() {
    mode(0, 0, 0, Termios.ECHO);
    byte[] typed = "0123456\n".repeat(1000).getBytes(StandardCharsets.ISO_8859_1);
    assertEquals(4095, discipline.receive(typed, 0, typed.length));
    discipline.take(100);
    assertEquals(8, discipline.receive(typed, 4095, 100));
  }

  @Test
  void changingTheModeRegroupsWhatIsThere() {
    type("half");
    assertEquals("", read());
    mode(0, 0, 0, Termios.ICANON);
    assertEquals("[half]", read());
    type("raw");
    discipline.setTermios(Termios.INITIAL);
    assertEquals("[raw]", read());
  }
}
