package io.loomvisor.benchmarks.net;

import io.loomvisor.net.wire.Checksum;

/**
 * What no stack can do without: the bytes go into a send buffer, from there into packets, from
 * there into a receive buffer, in pieces of a segment; with checksums if packets may be damaged.
 */
final class CopyStreams implements Streams {
  private static final int SIZE = 1 << 18;

  private final int segment;
  private final boolean checksums;
  private final byte[] send = new byte[SIZE];
  private final byte[] receive = new byte[SIZE];
  private final byte[] packet;
  private int written;
  private int read;
  private long sum;

  CopyStreams(int segment, boolean checksums) {
    this.segment = segment;
    this.checksums = checksums;
    packet = new byte[segment];
  }

  @Override
  public int open() {
    return 0;
  }

  @Override
  public int write(int connection, boolean fromFar, byte[] a, int length) {
    int n = Math.min(length, SIZE - written);
    System.arraycopy(a, 0, send, written, n);
    for (int done = 0; done < n; done += segment) {
      int piece = Math.min(segment, n - done);
      System.arraycopy(send, written + done, packet, 0, piece);
      if (checksums) {
        sum += Checksum.add(0, packet, 0, piece);
        sum += Checksum.add(0, packet, 0, piece);
      }
      System.arraycopy(packet, 0, receive, written + done, piece);
    }
    written += n;
    return n;
  }

  @Override
  public int read(int connection, boolean atFar, byte[] a, int length) {
    int n = Math.min(length, written - read);
    System.arraycopy(receive, read, a, 0, n);
    read += n;
    if (read == written) {
      read = 0;
      written = 0;
    }
    return n;
  }

  /** Keeps the checksums from being left out. */
  long sum() {
    return sum;
  }

  @Override
  public void reset(int connection) {}

  @Override
  public void close() {}
}
