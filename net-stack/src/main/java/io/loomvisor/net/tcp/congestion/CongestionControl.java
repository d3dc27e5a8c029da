package io.loomvisor.net.tcp.congestion;

/** One algorithm for one connection. Times are nanoseconds of the stack's clock. */
public sealed interface CongestionControl permits Reno, Cubic {
  /** As TCP_CONGESTION names it. */
  String name();

  /**
   * {@code acked} new bytes were acknowledged outside of recovery while the window was in full use.
   *
   * @param rtt the smoothed round trip, or 0 if unknown
   */
  void onAck(CongestionWindow w, long acked, long now, long rtt);

  /** The threshold that a loss now leads to; the window itself is reduced by the recovery. */
  long onLoss(CongestionWindow w);

  /** A retransmission timeout: what was learned about the path is void. */
  void onTimeout();

  /** The loss was none: {@code w} has its old values again. */
  void onUndo(CongestionWindow w);

  /** Nothing was sent for {@code idle} nanoseconds. */
  void onIdle(long idle);

  /** The algorithm of that name, or null. */
  static CongestionControl of(String name) {
    return switch (name) {
      case "reno" -> new Reno();
      case "cubic" -> new Cubic();
      default -> null;
    };
  }
}
