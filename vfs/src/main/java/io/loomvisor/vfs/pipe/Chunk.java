package io.loomvisor.vfs.pipe;

/**
 * Bytes [from, to) of an array, on their way through a pipe; linked in order. Bytes before {@code
 * to} never change.
 */
final class Chunk {
  final byte[] bytes;
  int from;
  int to;

  /** One write in packet mode: read alone and never partly left behind. */
  final boolean packet;

  Chunk next;

  Chunk(byte[] bytes, int from, int to, boolean packet) {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.packet = packet;
  }

  int length() {
    return to - from;
  }
}
