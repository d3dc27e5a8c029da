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

  /** When the oldest unambiguous range that has now arrived was sent; 0: there is none. */
  long sentAt;

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
    sentAt = 0;
    echoOlderThanResend = olderEcho;
  }

  @Override
  public void acknowledged(Sent s) {
    if (!s.sacked) {
      arrived(s);
    }
  }

  @Override
  public void sacked(Sent s) {
    newlySacked = true;
    arrived(s);
  }

  private void arrived(Sent s) {
    delivered += s.length();
    if (!s.ambiguous && (sentAt == 0 || s.at < sentAt)) {
      sentAt = s.at;
    }
    rack.delivered(s, now, echoOlderThanResend);
  }
}
