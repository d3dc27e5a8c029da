package io.loomvisor.net.tcp;

/**
 * Sequence numbers. Inside the stack they are 64-bit positions that never wrap, whose low half is
 * what stands in the packet (RFC 9293 section 3.4).
 */
final class Seq {
  private Seq() {}

  /** The position for a first sequence number; leaves room for what is before it. */
  static long first(int wire) {
    return 1L << 32 | wire & 0xffff_ffffL;
  }

  /** The position nearest to {@code reference} that {@code wire} can stand for. */
  static long unwrap(int wire, long reference) {
    return reference + (wire - (int) reference);
  }
}
