package io.loomvisor.kernel.socket.netlink;

/** Numbers of netlink(7) and rtnetlink(7). */
final class NetlinkAbi {
  static final int NETLINK_ROUTE = 0;
  static final int SOL_NETLINK = 270;

  static final int NLM_F_REQUEST = 1;
  static final int NLM_F_MULTI = 2;
  static final int NLM_F_ACK = 4;
  static final int NLM_F_ROOT = 0x100;
  static final int NLM_F_MATCH = 0x200;
  static final int NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH;

  static final int NLMSG_ERROR = 2;
  static final int NLMSG_DONE = 3;

  /** Types below are control messages. */
  static final int NLMSG_MIN_TYPE = 16;

  static final int RTM_NEWLINK = 16;
  static final int RTM_GETLINK = 18;
  static final int RTM_NEWADDR = 20;
  static final int RTM_GETADDR = 22;
  static final int RTM_NEWROUTE = 24;
  static final int RTM_GETROUTE = 26;

  static final int IFLA_ADDRESS = 1;
  static final int IFLA_BROADCAST = 2;
  static final int IFLA_IFNAME = 3;
  static final int IFLA_MTU = 4;
  static final int IFLA_TXQLEN = 13;
  static final int IFLA_OPERSTATE = 16;
  static final int IFLA_LINKMODE = 17;

  static final int IFA_ADDRESS = 1;
  static final int IFA_LOCAL = 2;
  static final int IFA_LABEL = 3;
  static final int IFA_BROADCAST = 4;
  static final int IFA_FLAGS = 8;

  static final int IFA_F_PERMANENT = 0x80;

  static final int RTA_DST = 1;
  static final int RTA_OIF = 4;
  static final int RTA_GATEWAY = 5;
  static final int RTA_PRIORITY = 6;
  static final int RTA_TABLE = 15;

  static final int RT_SCOPE_UNIVERSE = 0;
  static final int RT_SCOPE_LINK = 253;
  static final int RT_SCOPE_HOST = 254;
  static final int RT_TABLE_MAIN = 254;
  static final int RTPROT_BOOT = 3;
  static final int RTN_UNICAST = 1;

  private NetlinkAbi() {}
}
