package io.loomvisor.vfs.socket;

/** Numbers of the socket interface under their Linux names (include/linux/socket.h and kin). */
public final class SocketAbi {
  public static final int AF_UNSPEC = 0;
  public static final int AF_UNIX = 1;
  public static final int AF_INET = 2;
  public static final int AF_INET6 = 10;
  public static final int AF_NETLINK = 16;
  public static final int AF_PACKET = 17;

  /** Families are below this (NPROTO). */
  public static final int AF_MAX = 46;

  public static final int SOCK_STREAM = 1;
  public static final int SOCK_DGRAM = 2;
  public static final int SOCK_RAW = 3;
  public static final int SOCK_SEQPACKET = 5;

  /** Types are below this. */
  public static final int SOCK_MAX = 11;

  public static final int SOCK_TYPE_MASK = 0xf;
  public static final int SOCK_NONBLOCK = 04000;
  public static final int SOCK_CLOEXEC = 02000000;

  public static final int SHUT_RD = 0;
  public static final int SHUT_WR = 1;
  public static final int SHUT_RDWR = 2;

  public static final int MSG_OOB = 1;
  public static final int MSG_PEEK = 2;
  public static final int MSG_CTRUNC = 8;
  public static final int MSG_TRUNC = 0x20;
  public static final int MSG_DONTWAIT = 0x40;
  public static final int MSG_EOR = 0x80;
  public static final int MSG_WAITALL = 0x100;
  public static final int MSG_ERRQUEUE = 0x2000;
  public static final int MSG_NOSIGNAL = 0x4000;
  public static final int MSG_WAITFORONE = 0x10000;
  public static final int MSG_ZEROCOPY = 0x4000000;
  public static final int MSG_FASTOPEN = 0x20000000;
  public static final int MSG_CMSG_CLOEXEC = 0x40000000;

  public static final int SOL_SOCKET = 1;

  public static final int SO_DEBUG = 1;
  public static final int SO_REUSEADDR = 2;
  public static final int SO_TYPE = 3;
  public static final int SO_ERROR = 4;
  public static final int SO_DONTROUTE = 5;
  public static final int SO_BROADCAST = 6;
  public static final int SO_SNDBUF = 7;
  public static final int SO_RCVBUF = 8;
  public static final int SO_KEEPALIVE = 9;
  public static final int SO_OOBINLINE = 10;
  public static final int SO_PRIORITY = 12;
  public static final int SO_LINGER = 13;
  public static final int SO_REUSEPORT = 15;
  public static final int SO_PASSCRED = 16;
  public static final int SO_PEERCRED = 17;
  public static final int SO_RCVLOWAT = 18;
  public static final int SO_SNDLOWAT = 19;
  public static final int SO_RCVTIMEO_OLD = 20;
  public static final int SO_SNDTIMEO_OLD = 21;
  public static final int SO_BINDTODEVICE = 25;
  public static final int SO_ATTACH_FILTER = 26;

  /** The same number, for getsockopt(2). */
  public static final int SO_GET_FILTER = SO_ATTACH_FILTER;

  public static final int SO_DETACH_FILTER = 27;
  public static final int SO_TIMESTAMP = 29;
  public static final int SO_ACCEPTCONN = 30;
  public static final int SO_SNDBUFFORCE = 32;
  public static final int SO_RCVBUFFORCE = 33;
  public static final int SO_PASSSEC = 34;
  public static final int SO_TIMESTAMPNS = 35;
  public static final int SO_MARK = 36;
  public static final int SO_TIMESTAMPING = 37;
  public static final int SO_PROTOCOL = 38;
  public static final int SO_DOMAIN = 39;
  public static final int SO_PEEK_OFF = 42;
  public static final int SO_LOCK_FILTER = 44;
  public static final int SO_BUSY_POLL = 46;
  public static final int SO_MEMINFO = 55;
  public static final int SO_INCOMING_NAPI_ID = 56;
  public static final int SO_COOKIE = 57;
  public static final int SO_PEERGROUPS = 59;
  public static final int SO_ZEROCOPY = 60;
  public static final int SO_TIMESTAMP_NEW = 63;
  public static final int SO_TIMESTAMPNS_NEW = 64;
  public static final int SO_TIMESTAMPING_NEW = 65;
  public static final int SO_RCVTIMEO_NEW = 66;
  public static final int SO_SNDTIMEO_NEW = 67;

  /** Control messages of SOL_SOCKET. */
  public static final int SCM_RIGHTS = 1;

  public static final int SCM_CREDENTIALS = 2;

  /** Descriptors in one message. */
  public static final int SCM_MAX_FD = 253;

  public static final int SIOCINQ = 0x541B;
  public static final int SIOCOUTQ = 0x5411;

  /** sizeof(struct sockaddr_storage): no address is longer. */
  public static final int ADDRESS_MAX = 128;

  private SocketAbi() {}
}
