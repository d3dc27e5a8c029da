package io.loomvisor.runtime.host;

/** Numbers of socket(2) and what goes with it. */
final class SocketAbi {
  static final int AF_UNIX = 1;
  static final int AF_INET = 2;
  static final int AF_NETLINK = 16;
  static final int SOCK_STREAM = 1;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_RAW = 3;
  static final int SOCK_SEQPACKET = 5;
  static final int SOCK_CLOEXEC = 02000000;
  static final int SOCK_NONBLOCK = 04000;

  static final int NR_POLL = 7;
  static final int NR_SOCKET = 41;
  static final int NR_CONNECT = 42;
  static final int NR_SENDTO = 44;
  static final int NR_RECVFROM = 45;
  static final int NR_BIND = 49;
  static final int NR_LISTEN = 50;
  static final int NR_ACCEPT4 = 288;

  private SocketAbi() {}
}
