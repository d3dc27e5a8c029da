package io.loomvisor.net.tcp.congestion;

/** The congestion window and slow-start threshold of one connection, in bytes (RFC 5681). */
public final class CongestionWindow {
  /** Stands for "no threshold yet". */
  public static final long UNLIMITED = Long.MAX_VALUE / 4;

  /** No window may grow beyond this: 1 GiB, the largest window TCP can announce. */
  private static final long MAX = 1L << 30;

  private long cwnd;
  private long ssthresh = UNLIMITED;
  private int mss;

  public CongestionWindow(int mss) {
    this.mss = mss;
  }

  public long cwnd() {
    return cwnd;
  }

  public void cwnd(long bytes) {
    cwnd = Math.clamp(bytes, mss, MAX);
  }

  public long ssthresh() {
    return ssthresh;
  }

  public void ssthresh(long bytes) {
    ssthresh = Math.max(bytes, 2L * mss);
  }

  public int mss() {
    return mss;
  }

  /** The path's segment size changed; the window keeps its size in bytes. */
  public void mss(int bytes) {
    mss = bytes;
    cwnd = Math.max(cwnd, mss);
  }

  public boolean inSlowStart() {
    return cwnd < ssthresh;
  }

  /** RFC 6928 section 2: min (10*MSS, max (2*MSS, 14600)). */
  public static long initial(int mss) {
    return Math.min(10L * mss, Math.max(2L * mss, 14_600));
  }
}
