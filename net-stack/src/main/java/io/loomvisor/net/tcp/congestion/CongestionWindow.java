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

  /**
   * RFC 6928 section 2, without its limit of 14600 bytes for segments larger than 1460, as Linux's
   * TCP_INIT_CWND.
   */
  public static long initial(int mss) {
    return 10L * mss;
  }
}
