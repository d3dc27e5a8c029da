package io.loomvisor.net.wire;

import java.util.Arrays;

/**
 * The options of one TCP header (RFC 9293 section 3.2, RFC 7323, RFC 2018, RFC 7413). A reusable
 * holder: {@link #parse} overwrites it. Unknown options are skipped; a malformed list ends where it
 * stops making sense, as RFC 9293 (MUST-7) asks for.
 */
public final class TcpOptions {
  public static final int MAX_SACK_BLOCKS = 4;
  private static final int END = 0;
  private static final int NOP = 1;
  private static final int MSS = 2;
  private static final int WINDOW_SCALE = 3;
  private static final int SACK_PERMITTED = 4;
  private static final int SACK = 5;
  private static final int TIMESTAMPS = 8;
  private static final int FAST_OPEN = 34;

  /** RFC 7413 section 4.1.1: a cookie has 4 to 16 bytes, an even number. */
  public static final int MAX_COOKIE = 16;

  /** RFC 7323 section 2.3: a larger shift is taken as 14. */
  public static final int MAX_WINDOW_SCALE = 14;

  /** Maximum segment size, or -1 if absent. */
  public int mss = -1;

  /** Shift count, or -1 if absent. */
  public int windowScale = -1;

  public boolean sackPermitted;
  public boolean hasTimestamps;
  public int tsVal;
  public int tsEcr;

  /** The Fast Open cookie, empty if one is asked for, or null if absent. */
  public byte[] fastOpen;

  /** Number of SACK blocks; block i is {@code [sack[2i], sack[2i+1])}. */
  public int sackCount;

  public final int[] sack = new int[2 * MAX_SACK_BLOCKS];

  public void clear() {
    mss = -1;
    windowScale = -1;
    sackPermitted = false;
    hasTimestamps = false;
    tsVal = 0;
    tsEcr = 0;
    sackCount = 0;
    fastOpen = null;
  }

  /** Reads the options between {@code from} and {@code end} of a checked header. */
  public void parse(byte[] a, int from, int end) {
    clear();
    int p = from;
    while (p < end) {
      int kind = Bytes.u8(a, p);
      if (kind == END) {
        return;
      }
      if (kind == NOP) {
        p++;
        continue;
      }
      if (p + 2 > end) {
        return;
      }
      int length = Bytes.u8(a, p + 1);
      if (length < 2 || p + length > end) {
        return;
      }
      take(a, p, kind, length);
      p += length;
    }
  }

  private void take(byte[] a, int p, int kind, int length) {
    switch (kind) {
      case MSS -> mss = length == 4 ? Bytes.u16(a, p + 2) : mss;
      case WINDOW_SCALE ->
          windowScale = length == 3 ? Math.min(Bytes.u8(a, p + 2), MAX_WINDOW_SCALE) : windowScale;
      case SACK_PERMITTED -> sackPermitted |= length == 2;
      case TIMESTAMPS -> {
        if (length == 10) {
          hasTimestamps = true;
          tsVal = Bytes.i32(a, p + 2);
          tsEcr = Bytes.i32(a, p + 6);
        }
      }
      case FAST_OPEN -> {
        int n = length - 2;
        if (n == 0 || n >= 4 && n <= MAX_COOKIE && n % 2 == 0) {
          fastOpen = Arrays.copyOfRange(a, p + 2, p + length);
        }
      }
      case SACK -> {
        int n = (length - 2) / 8;
        if ((length - 2) % 8 == 0 && n <= MAX_SACK_BLOCKS) {
          sackCount = n;
          for (int i = 0; i < 2 * n; i++) {
            sack[i] = Bytes.i32(a, p + 2 + 4 * i);
          }
        }
      }
      default -> {}
    }
  }

  public void addSack(int left, int right) {
    sack[2 * sackCount] = left;
    sack[2 * sackCount + 1] = right;
    sackCount++;
  }

  /** How many SACK blocks fit beside the other options (40 bytes in all). */
  public int sackRoom() {
    return Math.min(MAX_SACK_BLOCKS, (40 - lengthWithoutSack() - 4) / 8);
  }

  private int lengthWithoutSack() {
    int n = mss >= 0 ? 4 : 0;
    n += windowScale >= 0 ? 4 : 0;
    n += hasTimestamps ? 12 : 0;
    n += fastOpen != null ? fastOpen.length + 5 & ~3 : 0;
    // SACK-permitted takes the place of the two NOPs in front of the timestamps, as Linux packs it.
    n += sackPermitted && !hasTimestamps ? 4 : 0;
    return n;
  }

  /** Bytes that {@link #write} fills; a multiple of 4, at most 40. */
  public int length() {
    return lengthWithoutSack() + (sackCount > 0 ? 4 + 8 * sackCount : 0);
  }

  /**
   * Writes the options in the order Linux uses: MSS, SACK-permitted and timestamps, window scale,
   * SACK.
   */
  public void write(byte[] a, int at) {
    int p = at;
    if (mss >= 0) {
      Bytes.put32(a, p, MSS << 24 | 4 << 16 | mss);
      p += 4;
    }
    if (hasTimestamps) {
      int lead = sackPermitted ? SACK_PERMITTED << 8 | 2 : NOP << 8 | NOP;
      Bytes.put32(a, p, lead << 16 | TIMESTAMPS << 8 | 10);
      Bytes.put32(a, p + 4, tsVal);
      Bytes.put32(a, p + 8, tsEcr);
      p += 12;
    } else if (sackPermitted) {
      Bytes.put32(a, p, NOP << 24 | NOP << 16 | SACK_PERMITTED << 8 | 2);
      p += 4;
    }
    if (windowScale >= 0) {
      Bytes.put32(a, p, NOP << 24 | WINDOW_SCALE << 16 | 3 << 8 | windowScale);
      p += 4;
    }
    if (fastOpen != null) {
      p = writeCookie(a, p);
    }
    if (sackCount > 0) {
      Bytes.put32(a, p, NOP << 24 | NOP << 16 | SACK << 8 | (2 + 8 * sackCount));
      for (int i = 0; i < 2 * sackCount; i++) {
        Bytes.put32(a, p + 4 + 4 * i, sack[i]);
      }
    }
  }

  private int writeCookie(byte[] a, int at) {
    int end = at + (fastOpen.length + 5 & ~3);
    int p = at;
    while (p + 2 + fastOpen.length < end) {
      Bytes.put8(a, p++, NOP);
    }
    Bytes.put8(a, p, FAST_OPEN);
    Bytes.put8(a, p + 1, fastOpen.length + 2);
    System.arraycopy(fastOpen, 0, a, p + 2, fastOpen.length);
    return end;
  }

  @Override
  public String toString() {
    return "mss="
        + mss
        + " ws="
        + windowScale
        + " sackOk="
        + sackPermitted
        + " ts="
        + hasTimestamps
        + "/"
        + tsVal
        + "/"
        + tsEcr
        + " sack="
        + Arrays.toString(Arrays.copyOf(sack, 2 * sackCount));
  }
}
