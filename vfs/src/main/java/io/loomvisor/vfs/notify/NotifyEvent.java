package io.loomvisor.vfs.notify;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * One event in a queue. struct inotify_event, the name padded with zeros to a multiple of 16:
 *
 * <pre>
 *   0    4      8        12    16
 *   | wd | mask | cookie | len | name …
 * </pre>
 *
 * @param name ISO 8859-1; empty for events of the watched file itself
 */
record NotifyEvent(int wd, int mask, int cookie, String name) {
  private static final int HEADER = 16;

  /** Without the characters of its name. */
  private static final int MEMORY = 96;

  /** There was no room for an event: of no watch. */
  static final NotifyEvent OVERFLOW = new NotifyEvent(-1, NotifyEvents.IN_Q_OVERFLOW, 0, "");

  /** Bytes of the heap that it takes. */
  int memory() {
    return MEMORY + name.length();
  }

  /** Bytes that reading it takes. */
  int size() {
    return HEADER + nameRoom();
  }

  private int nameRoom() {
    return name.isEmpty() ? 0 : name.length() + HEADER & -HEADER;
  }

  /** event_compare() of inotify_fsnotify.c: it says what {@code last} has said already. */
  boolean repeats(NotifyEvent last) {
    return (last.mask & NotifyEvents.IN_IGNORED) == 0
        && last.mask == mask
        && last.wd == wd
        && last.name.equals(name);
  }

  void encode(ByteBuffer out) {
    int end = out.position() + size();
    out.order(ByteOrder.LITTLE_ENDIAN).putInt(wd).putInt(mask).putInt(cookie).putInt(nameRoom());
    out.put(name.getBytes(StandardCharsets.ISO_8859_1)).position(end);
  }
}
