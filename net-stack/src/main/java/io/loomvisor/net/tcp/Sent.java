package io.loomvisor.net.tcp;

/** A range of sequence space that was sent in one piece and is not yet acknowledged. */
final class Sent {
  Sent previous;
  Sent next;
  long start;
  long end;

  /** Time of the last transmission. */
  long at;

  /** How many segments of the maximum size at the time. */
  int segments;

  boolean sacked;

  /** Thought to be lost; stays so when it has been sent again. */
  boolean lost;

  /** Sent again since it was thought lost. */
  boolean again;

  /** Sent more than once at any time: its round trip is ambiguous (Karn). */
  boolean ambiguous;

  long length() {
    return end - start;
  }
}
