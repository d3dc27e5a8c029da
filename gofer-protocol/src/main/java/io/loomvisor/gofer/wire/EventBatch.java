package io.loomvisor.gofer.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A message about what has happened on sockets: pairs of a handle and poll(2)'s events, four bytes
 * each. One thread.
 */
public final class EventBatch {
  private static final int EACH = 8;
  private static final int MOST = 64;

  /** Bytes of the longest. */
  public static final int SIZE = MOST * EACH;

  private final MemorySegment bytes;
  private int count;

  public EventBatch(MemorySegment bytes) {
    this.bytes = bytes;
  }

  public void clear() {
    count = 0;
  }

  public boolean full() {
    return count == MOST;
  }

  public void add(int handle, int events) {
    bytes.set(ValueLayout.JAVA_INT, (long) count * EACH, handle);
    bytes.set(ValueLayout.JAVA_INT, (long) count * EACH + Integer.BYTES, events);
    count++;
  }

  /** In bytes. */
  public int length() {
    return count * EACH;
  }

  /** Takes one event. */
  @FunctionalInterface
  public interface Listener {
    void event(int handle, int events);
  }

  /** What the first {@code length} bytes tell; what is no whole pair is passed over. */
  public void read(int length, Listener listener) {
    for (long at = 0; at + EACH <= length; at += EACH) {
      listener.event(
          bytes.get(ValueLayout.JAVA_INT, at), bytes.get(ValueLayout.JAVA_INT, at + Integer.BYTES));
    }
  }
}
