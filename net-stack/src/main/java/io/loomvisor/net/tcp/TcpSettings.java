package io.loomvisor.net.tcp;

import io.loomvisor.net.time.Clock;

/**
 * What Linux keeps in net.ipv4.tcp_* and net.core.somaxconn, with its defaults. Any thread may set
 * a value; it counts from the next time it is needed.
 */
public final class TcpSettings {
  public volatile boolean timestamps = true;
  public volatile boolean sack = true;
  public volatile boolean windowScaling = true;
  public volatile boolean synCookies = true;
  public volatile boolean moderateReceiveBuffer = true;
  public volatile boolean slowStartAfterIdle = true;
  public volatile boolean abortOnOverflow = false;

  /** tcp_ecn: 0 never, 1 ask for it too, 2 if the peer asks. */
  public volatile int ecn = 2;

  /** tcp_fastopen: 1 as a client, 2 as a server, 3 both; sockets must ask for it besides. */
  public volatile int fastOpen = 1;

  /** Pace all connections, as the fq queueing discipline makes Linux do. */
  public volatile boolean pacing;

  /** tcp_tw_reuse: 0 never, 1 always, 2 on the loopback only. */
  public volatile int timeWaitReuse = 2;

  public volatile String congestionControl = "cubic";
  public volatile int synRetries = 6;
  public volatile int synAckRetries = 5;

  /** tcp_retries2: how long data may stay unacknowledged, as a number of doublings. */
  public volatile int retries = 15;

  /** tcp_orphan_retries; Linux's 0 means 8. */
  public volatile int orphanRetries = 8;

  public volatile long keepAliveTime = 7200 * Clock.SECOND;
  public volatile long keepAliveInterval = 75 * Clock.SECOND;
  public volatile int keepAliveProbes = 9;

  /** tcp_fin_timeout. */
  public volatile long finTimeout = 60 * Clock.SECOND;

  /** Linux's TCP_TIMEWAIT_LEN, instead of 2 MSL of RFC 9293 section 3.4.2. */
  public volatile long timeWait = 60 * Clock.SECOND;

  public volatile int maxTimeWait = 16_384;
  public volatile int maxOrphans = 16_384;
  public volatile int maxSynBacklog = 1024;
  public volatile int somaxconn = 4096;
  public volatile int receiveBuffer = 131_072;
  public volatile int maxReceiveBuffer = 6 << 20;
  public volatile int sendBuffer = 16_384;
  public volatile int maxSendBuffer = 4 << 20;

  /** net.core.rmem_max and wmem_max: what SO_RCVBUF and SO_SNDBUF may ask for. */
  public volatile int receiveBufferLimit = 212_992;

  public volatile int sendBufferLimit = 212_992;

  /** tcp_notsent_lowat; the default is no limit. */
  public volatile int notSentLowWater = Integer.MAX_VALUE;

  /** tcp_challenge_ack_limit, for the whole stack, per second. */
  public volatile int challengeAcks = 1000;
}
