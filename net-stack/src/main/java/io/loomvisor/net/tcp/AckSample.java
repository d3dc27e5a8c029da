package io.loomvisor.net.tcp;

/** What one acknowledgement has told; overwritten by the next. */
final class AckSample implements Scoreboard.Visitor {
  private final Rack rack;
  long now;

  /** Bytes that were not known to have arrived before. */
  long delivered;

  /** Bytes cumulatively acknowledged. */
  long acked;

  long priorPipe;
  boolean advanced;
  boolean newlySacked;
  boolean duplicateReported;

  /** When the oldest range that is now acknowledged was sent; 0: unknown or ambiguous. */
  private long ackedAt;

  /** Something that was sent again is acknowledged: what lay behind it has waited for it (Karn). */
  private boolean resentAcked;

  /** The last time at which something now acknowledged was sent again. */
  private long resentAt;

  /** When the oldest unambiguous range that is now reported by SACK was sent; 0: there is none. */
  private long sackedAt;

  /** The peer's timestamp says that what came was sent before we sent it again (RFC 3522). */
  boolean echoOlderThanResend;

  AckSample(Rack rack) {
    this.rack = rack;
  }

  void begin(long time, long pipe, boolean olderEcho) {
    now = time;
    delivered = 0;
    acked = 0;
    priorPipe = pipe;
    advanced = false;
    newlySacked = false;
    duplicateReported = false;
    ackedAt = 0;
    resentAcked = false;
    sackedAt = 0;
    echoOlderThanResend = olderEcho;
  }

  /** When that was sent whose round trip can be measured now, or 0. */
  long sentAt() {
    return ackedAt != 0 && !resentAcked ? ackedAt : sackedAt;
  }

  /**
   * False if an echo of a segment sent at {@code time} is older than what was sent again: the
   * answer to the original was lost, and its age is not a round trip.
   */
  boolean echoCounts(long time) {
    return !resentAcked || time >= resentAt;
  }

  @Override
  public void acknowledged(Sent s) {
    noteResent(s);
    if (!s.sacked) {
      if (!s.ambiguous && (ackedAt == 0 || s.at < ackedAt)) {
        ackedAt = s.at;
      }
      arrived(s);
    }
  }

  private void noteResent(Sent s) {
    if (s.ambiguous) {
      resentAt = resentAcked ? Math.max(resentAt, s.at) : s.at;
      resentAcked = true;
    }
  }

  @Override
  public void partlyAcknowledged(Sent s, long bytes) {
    noteResent(s);
    if (!s.sacked) {
      delivered += bytes;
    }
  }

  @Override
  public void sacked(Sent s) {
    newlySacked = true;
    if (!s.ambiguous && (sackedAt == 0 || s.at < sackedAt)) {
      sackedAt = s.at;
    }
    arrived(s);
  }

  private void arrived(Sent s) {
    delivered += s.length();
    rack.delivered(s, now, echoOlderThanResend);
  }
}
