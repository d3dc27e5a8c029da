package io.loomvisor.vfs.tty;

import java.util.BitSet;

/**
 * The bytes received and not yet read, 4096 at most, with marks on those that end a line (n_tty's
 * read_buf and read_flags). Positions count up for ever. Owned by one terminal's actor.
 *
 * <pre>
 *   tail ........ lineEnd ........ head
 *     whole lines         being edited      (canonical mode)
 * </pre>
 */
final class InputBuffer {
  /** N_TTY_BUF_SIZE. */
  static final int SIZE = 4096;

  /** Marked, it ends a line without being read: where VEOF was typed. */
  static final int END_OF_FILE = 0;

  private static final int MASK = SIZE - 1;

  private final byte[] bytes = new byte[SIZE];
  private final BitSet lineEnds = new BitSet(SIZE);
  private long head;
  private long lineEnd;
  private long tail;

  void clear() {
    head = 0;
    lineEnd = 0;
    tail = 0;
    lineEnds.clear();
  }

  int size() {
    return (int) (head - tail);
  }

  long head() {
    return head;
  }

  long lineEnd() {
    return lineEnd;
  }

  /** Whether a line is complete. */
  boolean hasLine() {
    return lineEnd != tail;
  }

  /** Whether nothing has been typed since the last complete line. */
  boolean lineIsEmpty() {
    return head == lineEnd;
  }

  int at(long position) {
    return bytes[(int) position & MASK] & 0xff;
  }

  /** How many more bytes are taken; one place stays free for the end of the line. */
  int room() {
    return SIZE - size() - 1;
  }

  void add(int c) {
    if (size() < SIZE) {
      bytes[(int) head++ & MASK] = (byte) c;
    }
  }

  /** Adds {@code c} as the end of a line. */
  void addLineEnd(int c) {
    if (size() == SIZE) {
      head--;
    }
    lineEnds.set((int) head & MASK);
    add(c);
    lineEnd = head;
  }

  /** Forgets what was typed from {@code position} on, which is not before {@link #lineEnd}. */
  void truncate(long position) {
    head = position;
  }

  /** A change between canonical and raw mode: in canonical mode, what there is becomes a line. */
  void regroup(boolean canonical) {
    lineEnds.clear();
    if (canonical && size() > 0) {
      lineEnds.set((int) (head - 1) & MASK);
      lineEnd = head;
    } else {
      lineEnd = tail;
    }
  }

  /** FIONREAD in canonical mode: the bytes of complete lines without end-of-file marks. */
  int lineBytes() {
    int n = 0;
    for (long p = tail; p < lineEnd; p++) {
      if (!endOfFileAt(p)) {
        n++;
      }
    }
    return n;
  }

  private boolean endOfFileAt(long p) {
    return at(p) == END_OF_FILE && lineEnds.get((int) p & MASK);
  }

  /** Up to {@code max} bytes whatever the lines. */
  byte[] take(int max) {
    byte[] taken = copy(Math.min(max, size()));
    tail += taken.length;
    lineEnd = tail;
    return taken;
  }

  /** One line or the first {@code max} bytes of it; empty for an end of file. */
  byte[] takeLine(int max) {
    long limit = Math.min(tail + max, lineEnd);
    long p = tail;
    while (p < limit && !lineEnds.get((int) p & MASK)) {
      p++;
    }
    boolean found = p < limit;
    boolean end = found && at(p) == END_OF_FILE;
    byte[] taken = copy((int) (p - tail) + (found && !end ? 1 : 0));
    tail += taken.length;
    if (end) {
      tail++;
    } else if (!found && tail < lineEnd && endOfFileAt(tail)) {
      tail++; // The buffer ended where the line did (canon_skip_eof).
      p = tail - 1;
      found = true;
    }
    if (found) {
      lineEnds.clear((int) p & MASK);
    }
    return taken;
  }

  private byte[] copy(int length) {
    byte[] copy = new byte[length];
    for (int i = 0; i < length; i++) {
      copy[i] = bytes[(int) (tail + i) & MASK];
    }
    return copy;
  }
}
