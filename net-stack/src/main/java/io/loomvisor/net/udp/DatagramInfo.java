package io.loomvisor.net.udp;

import io.loomvisor.net.wire.IpAddress;

/** What is known of a received datagram besides its data; a holder that each receive overwrites. */
public final class DatagramInfo {
  /** The sender. */
  public IpAddress source;

  public int sourcePort;

  /** The address it was sent to, of this host or of a group (IP_PKTINFO). */
  public IpAddress destination;

  /** The interface it came in by. */
  public int nicId;

  /** TTL or hop limit, and TOS or traffic class, as received. */
  public int ttl;

  public int tos;

  /** Bytes of each datagram of several that came as one (UDP_GRO); 0: it is one. */
  public int segment;

  /** When it came, in wall-clock nanoseconds; 0: nobody has looked ({@code stampArrivals}). */
  public long time;

  /** Its length, also if less was copied (MSG_TRUNC). */
  public int length;
}
