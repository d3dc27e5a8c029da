package io.loomvisor.net.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The vectors of the reference implementation: key 00 01 … 0f, message 00 01 … */
final class SipHashTest {
  private final SipHash h = new SipHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);

  @Test
  void published() {
    assertEquals(0x726fdb47dd0e0e31L, h.hash(new long[0], 0));
    assertEquals(0x93f5f5799a932462L, h.hash(new long[] {0x0706050403020100L}, 8L << 56));
    assertEquals(
        0xa129ca6149be45e5L, h.hash(new long[] {0x0706050403020100L}, 0x0f0e0d0c0b0a0908L));
  }

  @Test
  void fiveWordsAreFortyBytes() {
    assertEquals(h.hash(new long[] {1, 2, 3, 4, 5}, 40L << 56), h.hash(1, 2, 3, 4, 5));
  }
}
