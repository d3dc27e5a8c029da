package io.loomvisor.vfs.dev;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;

/**
 * The random numbers of the sandbox, for random(4) and getrandom(2): ChaCha20 keyed once from the
 * host's generator. The actor owns the key and replaces it with every request (fast key erasure),
 * so a key that is found out tells nothing about earlier output. Makes no host call after
 * construction.
 */
public final class RandomSource extends Actor {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int[] NONCE = {0, 0, 0};
  private static final int BLOCK_BYTES = ChaCha20.BLOCK_WORDS * Integer.BYTES;

  /** Bytes per key: well below the 2^32 blocks that one nonce allows. */
  private static final long BYTES_PER_KEY = 1 << 20;

  private int[] key;

  public RandomSource(RandomGenerator seed) {
    super(Rank.LEAF);
    key = new int[ChaCha20.KEY_WORDS];
    for (int i = 0; i < key.length; i++) {
      key[i] = seed.nextInt();
    }
  }

  /** Fills {@code target}. */
  public void fill(MemorySegment target) {
    long size = target.byteSize();
    for (long from = 0; from < size; from += BYTES_PER_KEY) {
      fillWithOneKey(target.asSlice(from, Math.min(BYTES_PER_KEY, size - from)));
    }
  }

  /**
   * Mixes what the application has written to the device into the key; it can only add to what is
   * unknown.
   */
  public void mix(byte[] bytes) {
    ask(
        () -> {
          for (int i = 0; i < bytes.length; i++) {
            key[(i >>> 2) % key.length] ^= (bytes[i] & 0xFF) << (i & 3) * 8;
          }
        });
    newKey();
  }

  /** A key for one request: half of a block, whose other half is the next key of the source. */
  private int[] newKey() {
    return ask(
        () -> {
          int[] block = new int[ChaCha20.BLOCK_WORDS];
          ChaCha20.block(key, 0, NONCE, block);
          System.arraycopy(block, 0, key, 0, key.length);
          int[] once = new int[ChaCha20.KEY_WORDS];
          System.arraycopy(block, key.length, once, 0, once.length);
          return once;
        });
  }

  private void fillWithOneKey(MemorySegment target) {
    int[] once = newKey();
    int[] block = new int[ChaCha20.BLOCK_WORDS];
    long size = target.byteSize();
    int counter = 0;
    for (long at = 0; at < size; at += BLOCK_BYTES) {
      ChaCha20.block(once, counter++, NONCE, block);
      long n = Math.min(BLOCK_BYTES, size - at);
      for (int i = 0; i < n; i++) {
        if ((i & 3) == 0 && n - i >= Integer.BYTES) {
          target.set(INT, at + i, block[i >>> 2]);
          i += Integer.BYTES - 1;
        } else {
          target.set(ValueLayout.JAVA_BYTE, at + i, (byte) (block[i >>> 2] >>> (i & 3) * 8));
        }
      }
    }
  }
}
