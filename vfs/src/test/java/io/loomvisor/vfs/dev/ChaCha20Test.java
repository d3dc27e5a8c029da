package io.loomvisor.vfs.dev;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ChaCha20Test {
  /** RFC 8439, section 2.3.2. */
  @Test
  void blockFunctionMatchesTheTestVector() {
    int[] key = new int[8];
    for (int i = 0; i < 8; i++) {
      key[i] = 4 * i | (4 * i + 1) << 8 | (4 * i + 2) << 16 | (4 * i + 3) << 24;
    }
    int[] out = new int[16];
    ChaCha20.block(key, 1, new int[] {0x09000000, 0x4a000000, 0}, out);
    assertEquals(0xe4e7f110, out[0]);
    assertEquals(0x15593bd1, out[1]);
    assertEquals(0x4e3c50a2, out[15]);
  }
}
