package io.loomvisor.net.wire;

/** Protocol and next-header numbers (IANA). */
public final class IpProtocol {
  public static final int HOP_BY_HOP = 0;
  public static final int ICMP = 1;
  public static final int IGMP = 2;
  public static final int TCP = 6;
  public static final int UDP = 17;
  public static final int ROUTING = 43;
  public static final int FRAGMENT = 44;
  public static final int ICMPV6 = 58;
  public static final int NONE = 59;
  public static final int DESTINATION_OPTIONS = 60;
  public static final int RAW = 255;

  private IpProtocol() {}
}
