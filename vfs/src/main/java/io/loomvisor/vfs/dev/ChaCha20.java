package io.loomvisor.vfs.dev;

/** The ChaCha20 block function (RFC 8439, section 2.3), as key stream only. */
final class ChaCha20 {
  static final int KEY_WORDS = 8;
  static final int BLOCK_WORDS = 16;
  private static final int ROUNDS = 10;

  private ChaCha20() {}

  /**
   * Computes block {@code counter} for {@code key} and {@code nonce} (three words) into {@code
   * out}.
   */
  static void block(int[] key, int counter, int[] nonce, int[] out) {
    int[] s = new int[BLOCK_WORDS];
    s[0] = 0x61707865;
    s[1] = 0x3320646e;
    s[2] = 0x79622d32;
    s[3] = 0x6b206574;
    System.arraycopy(key, 0, s, 4, KEY_WORDS);
    s[12] = counter;
    System.arraycopy(nonce, 0, s, 13, 3);
    System.arraycopy(s, 0, out, 0, BLOCK_WORDS);
    for (int i = 0; i < ROUNDS; i++) {
      quarterRound(out, 0, 4, 8, 12);
      quarterRound(out, 1, 5, 9, 13);
      quarterRound(out, 2, 6, 10, 14);
      quarterRound(out, 3, 7, 11, 15);
      quarterRound(out, 0, 5, 10, 15);
      quarterRound(out, 1, 6, 11, 12);
      quarterRound(out, 2, 7, 8, 13);
      quarterRound(out, 3, 4, 9, 14);
    }
    for (int i = 0; i < BLOCK_WORDS; i++) {
      out[i] += s[i];
    }
  }

  private static void quarterRound(int[] s, int a, int b, int c, int d) {
    s[a] += s[b];
    s[d] = Integer.rotateLeft(s[d] ^ s[a], 16);
    s[c] += s[d];
    s[b] = Integer.rotateLeft(s[b] ^ s[c], 12);
    s[a] += s[b];
    s[d] = Integer.rotateLeft(s[d] ^ s[a], 8);
    s[c] += s[d];
    s[b] = Integer.rotateLeft(s[b] ^ s[c], 7);
  }
}
