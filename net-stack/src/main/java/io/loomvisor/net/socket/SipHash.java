package io.loomvisor.net.socket;

/**
 * SipHash-2-4 over 64-bit words, with a secret of its own: the keyed function that RFC 6528 section
 * 3 and RFC 6056 section 3.3.3 ask for.
 */
public final class SipHash {
  private final long k0;
  private final long k1;

  public SipHash(long k0, long k1) {
    this.k0 = k0;
    this.k1 = k1;
  }

  /** With a secret nobody knows. */
  public static SipHash random() {
    return new SipHash(Secrets.next(), Secrets.next());
  }

  public long hash(long a, long b, long c, long d, long e) {
    State s = new State(k0, k1);
    s.add(a);
    s.add(b);
    s.add(c);
    s.add(d);
    s.add(e);
    // The length in bytes ends the message.
    s.add(40L << 56);
    return s.finish();
  }

  /** Of the words of {@code message}; used to check against published vectors. */
  long hash(long[] words, long lastWord) {
    State s = new State(k0, k1);
    for (long w : words) {
      s.add(w);
    }
    s.add(lastWord);
    return s.finish();
  }

  private static final class State {
    private long v0;
    private long v1;
    private long v2;
    private long v3;

    State(long k0, long k1) {
      v0 = k0 ^ 0x736f6d6570736575L;
      v1 = k1 ^ 0x646f72616e646f6dL;
      v2 = k0 ^ 0x6c7967656e657261L;
      v3 = k1 ^ 0x7465646279746573L;
    }

    void add(long m) {
      v3 ^= m;
      round();
      round();
      v0 ^= m;
    }

    long finish() {
      v2 ^= 0xff;
      round();
      round();
      round();
      round();
      return v0 ^ v1 ^ v2 ^ v3;
    }

    private void round() {
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
    }
  }
}
