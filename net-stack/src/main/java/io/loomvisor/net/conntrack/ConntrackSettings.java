package io.loomvisor.net.conntrack;

/**
 * What Linux has in net.netfilter.nf_conntrack_*, under the same names; times in seconds. They may
 * be changed at any time; a connection takes the new value at its next packet.
 */
public final class ConntrackSettings {
  /** Connections at most. */
  public volatile int max = 65_536;

  /** Take up connections whose beginning was not seen. */
  public volatile boolean tcpLoose = true;

  /** Only resets outside of the window are invalid. */
  public volatile boolean tcpBeLiberal;

  /** Packets with a wrong transport checksum are invalid. */
  public volatile boolean checksum = true;

  public volatile int tcpTimeoutSynSent = 120;
  public volatile int tcpTimeoutSynRecv = 60;

  /** RFC 5382 section 5, REQ-5, asks for two hours and four minutes at least. */
  public volatile int tcpTimeoutEstablished = 432_000;

  public volatile int tcpTimeoutFinWait = 120;
  public volatile int tcpTimeoutCloseWait = 60;
  public volatile int tcpTimeoutLastAck = 30;
  public volatile int tcpTimeoutTimeWait = 120;
  public volatile int tcpTimeoutClose = 10;

  /** Data that is not acknowledged, in an established connection. */
  public volatile int tcpTimeoutUnacknowledged = 300;

  public volatile int udpTimeout = 30;
  public volatile int udpTimeoutStream = 120;
  public volatile int icmpTimeout = 30;
  public volatile int genericTimeout = 600;
}
