package io.loomvisor.net.tcp;

import io.loomvisor.net.buffer.FlowKey;

/**
 * A connection that a listener has answered and whose handshake is not complete: SYN-RECEIVED, in
 * as little memory as possible (Linux's request socket). Owned by the listener.
 */
final class Embryo {
  final FlowKey flow;
  long irs;
  long iss;
  int peerMss;

  /** -1: the peer does not scale windows. */
  int peerShift;

  int ourShift;
  boolean timestampsOk;
  boolean sackOk;
  boolean ecnOk;

  /** The SYN-ACK tells this cookie; null: none. */
  byte[] cookie;

  int recentTimestamp;
  long recentTimestampAt;

  /** The window that the SYN-ACK offered. */
  int window;

  long createdAt;

  /** When the SYN-ACK went out, 0 if unknown or more than once. */
  long sentAt;

  int retransmits;
  long deadline;

  /** The last acknowledgement has come, but TCP_DEFER_ACCEPT waits for data. */
  boolean deferred;

  Embryo(FlowKey flow) {
    this.flow = flow;
  }
}
