package io.loomvisor.task;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The system calls of one thread: which it is in, and how many of each kind there have been and how
 * long they took, from the exit to the kernel until the application goes on, waits included. A
 * thread uses some twenty kinds of calls, so this is a small hash table. Written by the thread
 * itself, or who serves a call in its place, with two additions for each call, read by any; a
 * reader may see the last call late.
 */
public final class CallCounts {
  /** No call. */
  public static final int NONE = -1;

  /** All numbers from here on, and negative ones, count as this one: the table cannot grow more. */
  public static final int OTHER = 512;

  private static final int FIRST_SIZE = 16;

  /** Takes what has been counted. */
  @FunctionalInterface
  public interface Visitor {
    void call(int number, long count, long nanos);
  }

  /**
   * Count and ns of the call in slot i are at 2i and 2i + 1; a key is a number plus 1, 0 for none.
   */
  private record Table(AtomicLongArray keys, AtomicLongArray values) {
    static Table of(int size) {
      return new Table(new AtomicLongArray(size), new AtomicLongArray(2 * size));
    }

    /** The slot of {@code number}: its own, or the free one where it belongs. */
    int slot(int number) {
      int mask = keys.length() - 1;
      int i = number & mask;
      for (long key = keys.getPlain(i); key != 0 && key != number + 1; key = keys.getPlain(i)) {
        i = i + 1 & mask;
      }
      return i;
    }

    void add(int slot, long count, long nanos) {
      values.setOpaque(2 * slot, values.getPlain(2 * slot) + count);
      values.setOpaque(2 * slot + 1, values.getPlain(2 * slot + 1) + nanos);
    }
  }

  private volatile Table table = Table.of(FIRST_SIZE);
  private int used;
  private volatile int current = NONE;
  private long began;

  /** It has come to the kernel with a call. */
  void begin(int number, long now) {
    began = now;
    current = number >= 0 && number < OTHER ? number : OTHER;
  }

  /** It is about to go on in the application, or to end. */
  void end(long now) {
    int number = current;
    if (number == NONE) {
      return;
    }
    add(number, now - began);
    current = NONE;
  }

  /** It has made a call without coming to the kernel. By who served it. */
  void count(int number, long nanos) {
    add(number >= 0 && number < OTHER ? number : OTHER, nanos);
  }

  private void add(int number, long nanos) {
    Table t = table;
    int slot = t.slot(number);
    if (t.keys.getPlain(slot) == 0) {
      if (4 * ++used > 3 * t.keys.length()) {
        t = grown(t);
        slot = t.slot(number);
      }
      t.keys.setRelease(slot, number + 1);
    }
    t.add(slot, 1, nanos);
  }

  private Table grown(Table old) {
    Table larger = Table.of(2 * old.keys.length());
    for (int i = 0; i < old.keys.length(); i++) {
      long key = old.keys.getPlain(i);
      if (key != 0) {
        int slot = larger.slot((int) key - 1);
        larger.keys.setPlain(slot, key);
        larger.add(slot, old.values.getPlain(2 * i), old.values.getPlain(2 * i + 1));
      }
    }
    table = larger;
    return larger;
  }

  /** The number of the call that it is in, or {@link #NONE}. Any thread. */
  public int current() {
    return current;
  }

  /** Shows all kinds of calls that have ended. Any thread. */
  public void visit(Visitor visitor) {
    Table t = table;
    for (int i = 0; i < t.keys.length(); i++) {
      long key = t.keys.getAcquire(i);
      if (key != 0) {
        visitor.call((int) key - 1, t.values.getOpaque(2 * i), t.values.getOpaque(2 * i + 1));
      }
    }
  }
}
